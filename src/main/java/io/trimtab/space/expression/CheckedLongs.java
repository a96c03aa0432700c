package io.trimtab.space.expression;

/** Integer arithmetic that fails instead of wrapping around. */
final class CheckedLongs {
  /*
   * The JDK's exact methods throw an ArithmeticException with a stack trace, about a microsecond;
   * these test the same bits (Warren, Hacker's Delight, section 2-13) and raise the prepared fault.
   */

  private CheckedLongs() {}

  static long sum(long left, long right, Fault overflow) {
    long sum = left + right;
    if (((left ^ sum) & (right ^ sum)) < 0) {
      throw overflow.raised();
    }
    return sum;
  }

  static long difference(long left, long right, Fault overflow) {
    long difference = left - right;
    if (((left ^ right) & (left ^ difference)) < 0) {
      throw overflow.raised();
    }
    return difference;
  }

  static long product(long left, long right, Fault overflow) {
    long product = left * right;
    // the high half is the sign extension of the low half exactly when 64 bits suffice
    if (Math.multiplyHigh(left, right) != product >> 63) {
      throw overflow.raised();
    }
    return product;
  }

  static long quotient(long left, long right, Fault zero, Fault overflow) {
    if (right == 0) {
      throw zero.raised();
    }
    if (right == -1 && left == Long.MIN_VALUE) {
      throw overflow.raised();
    }
    return left / right;
  }

  static long remainder(long left, long right, Fault zero) {
    if (right == 0) {
      throw zero.raised();
    }
    return left % right;
  }

  static long magnitude(long value, Fault overflow) {
    if (value == Long.MIN_VALUE) {
      throw overflow.raised();
    }
    return Math.abs(value);
  }

  /** Cuts the fraction off; the open interval from -2^63 to 2^63 is in range, as CEL has it. */
  static long truncated(double value, Fault outOfRange) {
    if (!(value > -0x1p63 && value < 0x1p63)) {
      throw outOfRange.raised();
    }
    return (long) value;
  }
}
