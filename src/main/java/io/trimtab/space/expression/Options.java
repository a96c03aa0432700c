package io.trimtab.space.expression;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The fixed list on the right of {@code in}, ready for each type of element. */
final class Options {
  /*
   * Numbers are kept twice, as the longs and as the doubles that equal an option exactly, sorted
   * for a binary search; so 2 is in [2.0] and no long is in [2.5]. -0.0 is stored and asked as 0.0,
   * because == does not tell them apart; a literal is never NaN.
   */

  private final long[] longs;
  private final double[] doubles;
  private final Set<Object> others;

  Options(List<Node.Literal> options) {
    longs =
        options.stream()
            .filter(option -> option.type().numeric())
            .map(option -> LongRange.where(Node.ComparisonOperator.EQUAL, option))
            .filter(range -> range.low() == range.high())
            .mapToLong(LongRange::low)
            .sorted()
            .toArray();
    doubles =
        options.stream()
            .filter(option -> option.type().numeric())
            .map(option -> DoubleRange.where(Node.ComparisonOperator.EQUAL, option))
            .filter(range -> range.low() == range.high())
            .mapToDouble(range -> range.low() + 0.0)
            .sorted()
            .toArray();
    others =
        options.stream()
            .filter(option -> !option.type().numeric())
            .map(Node.Literal::value)
            .collect(Collectors.toUnmodifiableSet());
  }

  boolean contains(long value) {
    return Arrays.binarySearch(longs, value) >= 0;
  }

  boolean contains(double value) {
    return Arrays.binarySearch(doubles, value + 0.0) >= 0;
  }

  /** Returns the options that are no numbers. */
  Set<Object> others() {
    return others;
  }
}
