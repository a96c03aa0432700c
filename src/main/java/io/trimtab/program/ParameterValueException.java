package io.trimtab.program;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * Says that a parameter of a program was given a value that means nothing to it, usually by a
 * variable it is bound to: the answer is to correct the variable, or to bind another one.
 */
public final class ParameterValueException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** Whose parameter it is. */
  private final String owner;

  /** The parameter's name. */
  private final String parameter;

  /** The variable the value came from, if one. */
  private final @Nullable String variable;

  ParameterValueException(
      String owner,
      String parameter,
      @Nullable String variable,
      String expected,
      @Nullable Object actual) {
    super(
        "parameter %s of %s: expected %s, got %s%s"
            .formatted(
                parameter,
                owner,
                expected,
                actual instanceof String text ? '"' + text + '"' : actual,
                variable == null ? "" : " from variable \"" + variable + "\""));
    this.owner = owner;
    this.parameter = parameter;
    this.variable = variable;
  }

  /**
   * Returns whose parameter it is.
   *
   * @return such as {@code predictor "classify"}
   */
  public String owner() {
    return owner;
  }

  /**
   * Returns the parameter.
   *
   * @return its name
   */
  public String parameter() {
    return parameter;
  }

  /**
   * Returns where the value came from.
   *
   * @return the variable's name, or null if the value was fixed or given with the call
   */
  public @Nullable String variable() {
    return variable;
  }
}
