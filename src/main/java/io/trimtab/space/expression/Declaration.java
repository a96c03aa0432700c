package io.trimtab.space.expression;

import java.util.Objects;

/**
 * A variable an expression may mention. Its place in the list handed to {@link Expression#compile}
 * is the slot it is read from.
 *
 * @param name the name as written in the expression; a name that is not letters, digits, {@code _}
 *     and {@code .} is written between backticks
 * @param type the type of the variable's values
 * @param continuous whether this is a double with a continuum of values, on which {@code ==} is
 *     refused because no sample would ever meet it
 */
public record Declaration(String name, ExpressionType type, boolean continuous) {

  /**
   * Checks the declaration. @throws IllegalArgumentException if the name is empty, or a variable
   * that is not a double is said to be continuous
   *
   * @param name the name as written in the expression; a name that is not letters, digits, {@code
   *     _} and {@code .} is written between backticks
   * @param type the type of the variable's values
   * @param continuous whether this is a double with a continuum of values, on which {@code ==} is
   *     refused because no sample would ever meet it
   */
  public Declaration {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name must not be empty");
    }
    if (continuous && type != ExpressionType.DOUBLE) {
      throw new IllegalArgumentException(
          name + ": only a double can be continuous, but this is declared " + type);
    }
  }

  /**
   * Returns a variable with finitely many values, or a double that lies on a grid.
   *
   * @param name the name as written in the expression
   * @param type the type of the variable's values
   * @return the declaration
   */
  public static Declaration discrete(String name, ExpressionType type) {
    return new Declaration(name, type, /* continuous= */ false);
  }

  /**
   * Returns a double that takes any value of a range.
   *
   * @param name the name as written in the expression
   * @return the declaration
   */
  public static Declaration continuous(String name) {
    return new Declaration(name, ExpressionType.DOUBLE, /* continuous= */ true);
  }
}
