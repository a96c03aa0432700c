package io.trimtab.variable;

import io.trimtab.TrimtabException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says that one or more values lie outside their domains; nothing was written. The answer is to fix
 * the values.
 */
public final class InvalidValueException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<Violation> violations;

  /**
   * Creates an exception from all bad values.
   *
   * @param violations every bad value, at least one
   */
  public InvalidValueException(List<Violation> violations) {
    super(violations.stream().map(Violation::toString).collect(Collectors.joining("; ")));
    this.violations = List.copyOf(violations);
  }

  /**
   * Returns every bad value with the rule it broke.
   *
   * @return at least one violation
   */
  public List<Violation> violations() {
    return violations;
  }
}
