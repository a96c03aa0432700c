package io.trimtab.space;

import java.util.ArrayList;
import java.util.List;

/** Tries to show that no configuration satisfies the rules, and which rules are enough for that. */
final class InfeasibilityProof {
  /*
   * An exhaustive search whose pruning leaves nothing is a proof; continua stay unassigned in it, so that it also
   * proves contradictions between discrete parameters of a mixed space. Then rules are left out one at a time: if the
   * rest is still contradictory, the rule is not needed. What remains is minimal by deletion, unless a search ran out
   * of nodes and its rule was kept to be safe.
   */

  private static final long NODES_PER_SEARCH = 200_000;
  private static final int MAX_MINIMISED = 100;

  private final Definition definition;
  private final List<Rule> rules;

  InfeasibilityProof(Definition definition, List<Rule> rules) {
    this.definition = definition;
    this.rules = rules;
  }

  /** Throws {@link InfeasibleSpaceException} if there is a proof, else returns. */
  void refuteOrReturn() {
    if (contradictory(rules)) {
      throw new InfeasibleSpaceException(definition.name(), core());
    }
  }

  private List<Rule> core() {
    List<Rule> core = new ArrayList<>(rules);
    if (rules.size() > MAX_MINIMISED) {
      return core;
    }
    for (Rule rule : rules) {
      List<Rule> rest = new ArrayList<>(core);
      rest.remove(rule);
      if (contradictory(rest)) {
        core = rest;
      }
    }
    return core;
  }

  private boolean contradictory(List<Rule> rules) {
    List<Check> checks = rules.stream().map(Rule::check).toList();
    FiniteSearch search =
        new FiniteSearch(definition, definition.order(), checks, NODES_PER_SEARCH);
    return !search.advance() && search.exhausted();
  }
}
