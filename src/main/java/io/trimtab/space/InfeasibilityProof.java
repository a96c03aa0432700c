package io.trimtab.space;

import java.util.ArrayList;
import java.util.List;

/** Tries to show that no configuration satisfies the rules, and which rules are enough for that. */
final class InfeasibilityProof {
  /*
   * An exhaustive search whose pruning leaves nothing is a proof; continua stay unassigned in it, so that it also
   * proves contradictions between discrete parameters of a mixed space. Components are searched one by one: one that
   * is contradictory is enough. Then rules are left out one at a time: if the rest is still contradictory, the rule is
   * not needed. What remains is minimal by deletion, unless the work ran out and the last rules were kept to be safe.
   */

  private static final long MAX_WORK = 10_000_000;

  private final Definition definition;
  private final List<Component> components;
  private long work = MAX_WORK;

  InfeasibilityProof(Definition definition, List<Rule> rules) {
    this.definition = definition;
    this.components = Component.of(definition, rules);
  }

  /** Throws {@link InfeasibleSpaceException} if there is a proof, else returns. */
  void refuteOrReturn() {
    for (Component component : components) {
      if (contradictory(component, component.rules())) {
        throw new InfeasibleSpaceException(definition.name(), core(component));
      }
    }
  }

  private List<Rule> core(Component component) {
    List<Rule> core = new ArrayList<>(component.rules());
    for (Rule rule : component.rules()) {
      List<Rule> rest = new ArrayList<>(core);
      rest.remove(rule);
      if (contradictory(component, rest)) {
        core = rest;
      }
    }
    return core;
  }

  private boolean contradictory(Component component, List<Rule> rules) {
    if (rules.isEmpty()) {
      return false;
    }
    FiniteSearch search = component.search(definition, rules, work);
    boolean proved = !search.advance() && search.exhausted();
    work -= search.work();
    return proved;
  }
}
