package io.trimtab.space;

import io.trimtab.space.expression.Outcome;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a builder has checked and compiled: the raw material of a space. */
final class Definition {

  private final String name;
  private final String description;
  private final String prefix;
  private final Map<String, String> metadata;
  private final List<Parameter> parameters;
  private final int[] order;
  private final @Nullable Gate[] gates;
  private final List<Function<ConfigurationSpace, Rule>> rules;

  /**
   * @param order all slots, parents before children
   * @param gates per slot, when it is active; null for always
   * @param rules each waits for the space it belongs to, because predicates are shown
   *     configurations
   */
  Definition(
      String name,
      String description,
      String prefix,
      Map<String, String> metadata,
      List<Parameter> parameters,
      int[] order,
      @Nullable Gate[] gates,
      List<Function<ConfigurationSpace, Rule>> rules) {
    this.name = name;
    this.description = description;
    this.prefix = prefix;
    this.metadata = metadata;
    this.parameters = parameters;
    this.order = order;
    this.gates = gates;
    this.rules = rules;
  }

  String name() {
    return name;
  }

  String description() {
    return description;
  }

  String prefix() {
    return prefix;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  /** Returns all slots, parents before children; not to be written to. */
  int[] order() {
    return order;
  }

  /** Returns when a slot is active, or null for always. */
  @Nullable Gate gate(int slot) {
    return gates[slot];
  }

  List<Function<ConfigurationSpace, Rule>> rules() {
    return rules;
  }

  boolean active(int slot, @Nullable Object[] slots) {
    Gate gate = gates[slot];
    return gate == null || gate.open(slots);
  }

  Outcome activity(int slot, @Nullable Object[] slots, boolean[] certainlyActive) {
    Gate gate = gates[slot];
    return gate == null ? Outcome.TRUE : gate.outcome(slots, certainlyActive);
  }

  /** Returns for every slot whether it is active whatever the others hold. */
  boolean[] alwaysActive() {
    boolean[] always = new boolean[gates.length];
    for (int slot = 0; slot < always.length; slot++) {
      always[slot] = gates[slot] == null;
    }
    return always;
  }
}
