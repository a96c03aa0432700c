package io.trimtab.variable;

import io.trimtab.TrimtabException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says that a variable or domain contradicts itself; the answer is to correct the definition. Lists
 * every fault.
 */
public final class InvalidDefinitionException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<Violation> violations;

  /**
   * Creates an exception from all faults found.
   *
   * @param violations every fault, at least one
   */
  public InvalidDefinitionException(List<Violation> violations) {
    super(violations.stream().map(Violation::toString).collect(Collectors.joining("; ")));
    this.violations = List.copyOf(violations);
  }

  /**
   * Returns every fault of the definition.
   *
   * @return at least one violation
   */
  public List<Violation> violations() {
    return violations;
  }
}
