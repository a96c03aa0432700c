package io.trimtab.variable;

/** The eight kinds of values a variable can hold, each with one canonical Java type. */
public enum VariableType {
  /** A 64-bit floating-point number; canonical type {@link Double}. */
  FLOAT,
  /** A 64-bit integer; canonical type {@link Long}. */
  INTEGER,
  /** True or false; canonical type {@link Boolean}. */
  BOOLEAN,
  /** Text; canonical type {@link String}. */
  STRING,
  /** One of a fixed list of named options; canonical type {@link String}. */
  CHOICE,
  /**
   * The name of a program module, which a module catalog resolves; canonical type {@link String}.
   */
  MODULE,
  /** A vector of 32-bit floats; canonical type {@link Embedding}. */
  EMBEDDING,
  /** A dense array of any rank; canonical type {@link Tensor}. */
  TENSOR
}
