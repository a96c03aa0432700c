package io.trimtab.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Parameters that rules or conditions connect with each other and with no others. */
final class Component {

  private final int[] slots;
  private final List<Rule> rules = new ArrayList<>();

  private Component(int[] slots) {
    this.slots = slots;
  }

  /** Splits a space into its components: union-find over the slots. */
  static List<Component> of(Definition definition, List<Rule> rules) {
    int[] parent = connected(definition, rules);
    int[] sizes = new int[parent.length];
    for (int slot : definition.order()) {
      sizes[root(parent, slot)]++;
    }
    Map<Integer, Component> components = new TreeMap<>();
    for (int root = 0; root < sizes.length; root++) {
      if (sizes[root] > 0) {
        components.put(root, new Component(members(definition, parent, root, sizes[root])));
      }
    }
    for (Rule rule : rules) {
      int[] mentioned = rule.check().slots();
      Component component =
          mentioned.length == 0 ? null : components.get(root(parent, mentioned[0]));
      if (component != null) {
        component.rules.add(rule);
      }
    }
    return List.copyOf(components.values());
  }

  private static int[] members(Definition definition, int[] parent, int root, int size) {
    int[] members = new int[size];
    int found = 0;
    for (int slot : definition.order()) {
      if (root(parent, slot) == root) {
        members[found++] = slot;
      }
    }
    return members;
  }

  private static int[] connected(Definition definition, List<Rule> rules) {
    int[] parent = new int[definition.parameters().size()];
    for (int slot = 0; slot < parent.length; slot++) {
      parent[slot] = slot;
    }
    for (int slot = 0; slot < parent.length; slot++) {
      Gate gate = definition.gate(slot);
      if (gate != null) {
        join(parent, slot, gate.slots());
      }
    }
    for (Rule rule : rules) {
      int[] mentioned = rule.check().slots();
      if (mentioned.length > 0) {
        join(parent, mentioned[0], mentioned);
      }
    }
    return parent;
  }

  private static void join(int[] parent, int slot, int[] others) {
    for (int other : others) {
      parent[root(parent, other)] = root(parent, slot);
    }
  }

  private static int root(int[] parent, int slot) {
    int root = slot;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  /** Returns its slots, parents first; not to be written to. */
  int[] slots() {
    return slots;
  }

  /**
   * Returns the rules between its parameters; a rule that mentions none belongs to no component.
   */
  List<Rule> rules() {
    return rules;
  }

  /** Begins a search for the assignments that satisfy some of its rules. */
  FiniteSearch search(Definition definition, List<Rule> rules, long maxWork) {
    List<Check> checks = rules.stream().map(Rule::check).toList();
    return FiniteSearch.through(definition, slots, checks, maxWork);
  }
}
