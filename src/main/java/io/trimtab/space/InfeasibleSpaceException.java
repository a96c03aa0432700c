package io.trimtab.space;

import io.trimtab.TrimtabException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says that no configuration at all can satisfy the rules of a space, which was proved by going
 * through them. The answer is to drop or correct one of the rules named.
 */
public final class InfeasibleSpaceException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** The name of the space. */
  private final String space;

  private final transient List<Rule> rules;

  InfeasibleSpaceException(String space, List<Rule> rules) {
    super(
        "space \"%s\": expected at least one valid configuration, but these rules exclude each other: %s"
            .formatted(
                space, rules.stream().map(Rule::toString).collect(Collectors.joining("; "))));
    this.space = space;
    this.rules = List.copyOf(rules);
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
   * Returns rules that already exclude each other.
   *
   * @return at least one rule; usually none of them could be left out
   */
  public List<Rule> rules() {
    return rules;
  }
}
