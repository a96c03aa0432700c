package io.trimtab.space;

import java.util.List;

/** Which parameters are connected by rules and conditions: union-find over the slots. */
final class Components {

  private final int[] parent;

  private Components(int slotCount) {
    this.parent = new int[slotCount];
    for (int i = 0; i < slotCount; i++) {
      parent[i] = i;
    }
  }

  static Components of(Definition definition, List<Rule> rules) {
    Components components = new Components(definition.parameters().size());
    for (int slot = 0; slot < definition.parameters().size(); slot++) {
      Gate gate = definition.gate(slot);
      if (gate != null) {
        for (int mentioned : gate.slots()) {
          components.join(slot, mentioned);
        }
      }
    }
    for (Rule rule : rules) {
      int[] slots = rule.check().slots();
      for (int slot : slots) {
        components.join(slots[0], slot);
      }
    }
    return components;
  }

  private void join(int a, int b) {
    parent[of(a)] = of(b);
  }

  /** Returns the slot that stands for the component of a slot. */
  int of(int slot) {
    int root = slot;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }
}
