package io.trimtab.space;

/** Arithmetic that all axes share. */
final class Coordinates {

  private Coordinates() {}

  static double clamp(double u) {
    if (Double.isNaN(u)) {
      throw new IllegalArgumentException("a coordinate must be a number in [0, 1], got NaN");
    }
    return Math.max(0, Math.min(1, u));
  }

  /** Returns the cell of n equally long ones in which u lies; exact only to 53 bits. */
  static long cell(double u, double n, long last) {
    return Math.min(last, (long) (clamp(u) * n));
  }

  static double number(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException("expected a number, got " + value);
  }

  static long integer(Object value) {
    if (value instanceof Long number) {
      return number;
    }
    throw new IllegalArgumentException("expected a Long, got " + value);
  }
}
