package io.trimtab.study;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How numbers are shown to people. */
final class Figure {

  private Figure() {}

  /** Four significant digits at most, without an exponent where that is readable. */
  static String of(double number) {
    double magnitude = Math.abs(number);
    if (number == 0 || (magnitude >= 1e-3 && magnitude < 1e6)) {
      int digits =
          magnitude >= 1000
              ? 0
              : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : magnitude >= 1 ? 3 : 4;
      BigDecimal rounded = BigDecimal.valueOf(number).setScale(digits, RoundingMode.HALF_UP);
      return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
    return String.format(Locale.ROOT, "%.3g", number);
  }

  /** Several numbers, separated by commas. */
  static String of(List<Double> numbers) {
    return numbers.stream().map(Figure::of).collect(Collectors.joining(", "));
  }
}
