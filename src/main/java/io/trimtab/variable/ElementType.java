package io.trimtab.variable;

/** What the elements of a {@link Tensor} are. */
public enum ElementType {
  /** 32-bit IEEE 754 numbers, 4 bytes each. */
  FLOAT32(4),
  /** 64-bit IEEE 754 numbers, 8 bytes each. */
  FLOAT64(8),
  /** 32-bit signed integers, 4 bytes each. */
  INT32(4),
  /** 64-bit signed integers, 8 bytes each. */
  INT64(8);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the size of one element.
   *
   * @return 4 or 8 bytes
   */
  public int bytes() {
    return bytes;
  }
}
