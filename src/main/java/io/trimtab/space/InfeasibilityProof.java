package io.trimtab.space;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Tries to show that no configuration satisfies the rules, and which rules are enough for that. */
final class InfeasibilityProof {
  /*
   * Three proofs are tried, the cheapest first: an order that bites its own tail; a cover that shrinks to nothing,
   * which refutes arithmetic over continua; an exhaustive search whose pruning leaves nothing, where continua stay
   * unassigned. Components are searched one by one: one that
   * is contradictory is enough. Then rules are left out one at a time: if the rest is still contradictory, the rule is
   * not needed. What remains is minimal by deletion, unless the work ran out and the last rules were kept to be safe.
   */

  private static final long MAX_WORK = 10_000_000;
  private static final int MAX_BOXES = 2_000;
  private static final long MAX_BOUNDS = 500_000;
  private static final long SEED = 0xF00L;

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
    if (StrictCircle.in(definition, rules) || uncoverable(component, rules)) {
      return true;
    }
    List<Check> checks = rules.stream().map(Rule::check).toList();
    FiniteSearch search = FiniteSearch.refutation(definition, component.slots(), checks, work);
    boolean proved = !search.advance() && search.exhausted();
    work -= search.work();
    return proved;
  }

  /** Divides a cover until it is empty, or one valid point shows that it never will be. */
  private boolean uncoverable(Component component, List<Rule> rules) {
    Narrower narrower = Narrower.of(definition, component.slots(), rules);
    if (narrower == null) {
      return false;
    }
    Cover cover = new Cover(narrower, new PointJudge(definition, narrower), MAX_BOXES);
    SplittableRandom random = new SplittableRandom(SEED);
    @Nullable Object[] values = new @Nullable Object[definition.parameters().size()];
    while (!cover.empty() && cover.size() < MAX_BOXES && narrower.work() < MAX_BOUNDS) {
      int before = cover.size();
      double mass = cover.mass();
      if (cover.attempt(values, random)) {
        return false;
      }
      if (cover.size() == before && cover.mass() == mass) {
        return false; // nothing left to divide
      }
    }
    return cover.empty();
  }
}
