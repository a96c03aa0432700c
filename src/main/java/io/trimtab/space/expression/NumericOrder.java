package io.trimtab.space.expression;

/** Compares a long with a double by their exact values. */
final class NumericOrder {
  /*
   * Widening the long alone is not exact beyond 2^53: 9007199254740993 would equal
   * 9007199254740992.0. But widening is monotonic, so when the widened long differs from the double
   * its order is right; when they are equal, the double is an integer and the longs decide. 2^63 is
   * the one double that a long can widen to and that does not convert back.
   */

  private static final double TWO_TO_63 = 0x1p63;

  private NumericOrder() {}

  /** Returns whether {@code left < right}; false for NaN. */
  static boolean less(long left, double right) {
    double widened = (double) left;
    return widened < right || (widened == right && (right == TWO_TO_63 || left < (long) right));
  }

  /** Returns whether {@code left < right}; false for NaN. */
  static boolean less(double left, long right) {
    double widened = (double) right;
    return left < widened || (left == widened && left != TWO_TO_63 && (long) left < right);
  }

  /** Returns whether both are the same number; false for NaN. */
  static boolean equal(long left, double right) {
    return (double) left == right && right != TWO_TO_63 && left == (long) right;
  }
}
