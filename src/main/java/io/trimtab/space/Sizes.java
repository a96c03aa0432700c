package io.trimtab.space;

import io.trimtab.variable.IntegerDomain;
import java.math.BigInteger;

/** Counts combinations exactly. */
final class Sizes {

  private Sizes() {}

  /** Returns how many combinations of values some slots have, or 0 if there is a continuum. */
  static BigInteger combinations(Definition definition, int[] slots) {
    BigInteger product = BigInteger.ONE;
    for (int slot : slots) {
      product = product.multiply(cells(definition.parameters().get(slot)));
    }
    return product;
  }

  private static BigInteger cells(Parameter parameter) {
    long cells = parameter.axis().cells();
    if (cells == Long.MAX_VALUE && parameter.variable().domain() instanceof IntegerDomain domain) {
      String last = Long.toUnsignedString(domain.max() - domain.min()); // may exceed a signed long
      return new BigInteger(last).divide(BigInteger.valueOf(domain.step())).add(BigInteger.ONE);
    }
    return BigInteger.valueOf(cells);
  }
}
