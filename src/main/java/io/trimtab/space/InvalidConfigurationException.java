package io.trimtab.space;

import io.trimtab.TrimtabException;
import io.trimtab.variable.Violation;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says that values are not a configuration of a space; nothing was changed. The answer is to fix
 * the values: every violation is listed.
 */
public final class InvalidConfigurationException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** The name of the space. */
  private final String space;

  private final transient List<Violation> violations;
  private final transient List<Rule> brokenRules;

  /**
   * Creates an exception from everything that is wrong.
   *
   * @param space the name of the space
   * @param violations every violation, those of rules included, at least one
   * @param brokenRules the rules among them
   */
  public InvalidConfigurationException(
      String space, List<Violation> violations, List<Rule> brokenRules) {
    super(
        violations.stream().map(Violation::toString).collect(Collectors.joining("; "))
            + " (space \""
            + space
            + "\")");
    this.space = space;
    this.violations = List.copyOf(violations);
    this.brokenRules = List.copyOf(brokenRules);
  }

  /**
   * Returns the name of the space.
   *
   * @return the name
   */
  public String space() {
    return space;
  }

  /**
   * Returns everything that is wrong.
   *
   * @return at least one violation; that of a rule quotes its message and the values that broke it
   */
  public List<Violation> violations() {
    return violations;
  }

  /**
   * Returns the rules that are broken.
   *
   * @return the rules in the order of the space, empty if single values are to blame
   */
  public List<Rule> brokenRules() {
    return brokenRules;
  }
}
