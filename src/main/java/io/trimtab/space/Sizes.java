package io.trimtab.space;

import io.trimtab.variable.IntegerDomain;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** Counts the valid configurations of a finite space, or returns null if it takes too long. */
  static @Nullable BigInteger valid(Definition definition, List<Rule> rules, long maxWork) {
    for (Rule rule : rules) {
      if (rule.check().slots().length == 0 && !rule.check().holds(new @Nullable Object[0])) {
        return BigInteger.ZERO;
      }
    }
    BigInteger product = BigInteger.ONE;
    long work = maxWork;
    for (Component component : Component.of(definition, rules)) {
      if (component.slots().length == 1 && component.rules().isEmpty()) {
        product = product.multiply(combinations(definition, component.slots()));
        continue;
      }
      FiniteSearch search = component.search(definition, component.rules(), work);
      long found = 0;
      while (search.advance()) {
        found++;
      }
      if (!search.exhausted()) {
        return null;
      }
      work -= search.work();
      product = product.multiply(BigInteger.valueOf(found));
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
