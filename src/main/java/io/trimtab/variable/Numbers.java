package io.trimtab.variable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Lossless casts from the JDK's number types to the two canonical ones. */
final class Numbers {

  private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

  private Numbers() {}

  /**
   * Returns the number as a double, or null if it is an integer that a double cannot hold exactly.
   */
  static @Nullable Double toDouble(Number number) {
    if (number instanceof Float || number instanceof Double) {
      double value = number.doubleValue();
      return Double.isNaN(value) ? Double.NaN : value;
    }
    if (isIntegerType(number)) {
      long value = number.longValue();
      double widened = (double) value;
      // 2^63 as a double casts back to Long.MAX_VALUE, hence the second comparison.
      return (long) widened == value && widened != 0x1p63 ? widened : null;
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      return null; // a BigDecimal beyond the doubles
    }
    boolean rounded =
        number instanceof BigInteger big
            ? !new BigDecimal(value).toBigInteger().equals(big)
            : isRoundedLong(number, value);
    return rounded ? null : value;
  }

  /** Returns the number as a long if it is integral and fits 64 bits, else null. */
  static @Nullable Long toLong(Number number) {
    if (isIntegerType(number)) {
      return number.longValue();
    }
    if (number instanceof BigInteger big) {
      return fits(big) ? big.longValue() : null;
    }
    if (number instanceof BigDecimal decimal) {
      // Scale first: 1e999999999 must not be expanded just to see that it is too large.
      if (decimal.signum() != 0
          && (decimal.precision() - (long) decimal.scale() > 20 || decimal.scale() > 400)) {
        return null;
      }
      BigDecimal plain = decimal.stripTrailingZeros();
      return plain.scale() <= 0 && fits(plain.toBigInteger()) ? plain.longValue() : null;
    }
    double value = number.doubleValue();
    if (isRoundedLong(number, value)) {
      return number.longValue();
    }
    boolean integral = value == Math.rint(value) && value >= -0x1p63 && value < 0x1p63;
    return integral ? (long) value : null;
  }

  /**
   * Tells whether a number of an unknown class holds a long that lost bits on its way to a double,
   * as a {@link java.util.concurrent.atomic.LongAdder} may.
   */
  private static boolean isRoundedLong(Number number, double value) {
    if (number instanceof BigDecimal || number instanceof Float || number instanceof Double) {
      return false;
    }
    long integer = number.longValue();
    return (double) integer == value && (value == 0x1p63 || (long) value != integer);
  }

  static String interval(double min, double max) {
    return (min == Double.NEGATIVE_INFINITY ? "(-inf" : "[" + min)
        + ", "
        + (max == Double.POSITIVE_INFINITY ? "inf)" : max + "]");
  }

  private static boolean fits(BigInteger value) {
    return value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_LONG) <= 0;
  }

  private static boolean isIntegerType(Number number) {
    return number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte
        || number instanceof AtomicInteger
        || number instanceof AtomicLong;
  }
}
