package io.trimtab.space.expression;

/** The type of a variable or of a part of an expression. */
public enum ExpressionType {
  /** A 64-bit signed integer; its slot holds a {@link Long}. */
  INT("int"),

  /** An IEEE 754 double; its slot holds a {@link Double}. */
  DOUBLE("double"),

  /** True or false; its slot holds a {@link Boolean}. */
  BOOL("bool"),

  /** Text, compared by code points; its slot holds a {@link String}. */
  STRING("string");

  private final String word;

  ExpressionType(String word) {
    this.word = word;
  }

  boolean numeric() {
    return this == INT || this == DOUBLE;
  }

  /**
   * Returns the name CEL uses for this type.
   *
   * @return {@code int}, {@code double}, {@code bool} or {@code string}
   */
  @Override
  public String toString() {
    return word;
  }
}
