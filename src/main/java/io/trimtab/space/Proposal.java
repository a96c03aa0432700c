package io.trimtab.space;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws some slots from their priors, parents first; what is inactive stays empty. */
final class Proposal {

  private final int[] slots;
  private final Axis[] axes;
  private final @Nullable Gate[] gates;

  /**
   * @param slots what to draw, parents first; every parent of a slot is among them
   */
  Proposal(Definition definition, int[] slots) {
    this.slots = slots;
    this.axes = new Axis[slots.length];
    this.gates = new @Nullable Gate[slots.length];
    for (int i = 0; i < slots.length; i++) {
      axes[i] = definition.parameters().get(slots[i]).axis();
      gates[i] = definition.gate(slots[i]);
    }
  }

  void draw(@Nullable Object[] values, RandomGenerator random) {
    for (int i = 0; i < slots.length; i++) {
      Gate gate = gates[i];
      values[slots[i]] = gate == null || gate.open(values) ? axes[i].sample(random) : null;
    }
  }
}
