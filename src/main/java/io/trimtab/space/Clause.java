package io.trimtab.space;

import org.jspecify.annotations.Nullable;

/** One rule or condition as a {@link Truth}. */
final class Clause {

  /** The rule's own form; null for a condition. */
  final @Nullable Check check;

  /** Null for a predicate written in Java, which says nothing about a box. */
  final @Nullable Truth truth;

  final boolean wanted;

  /** The places of conditional parameters without which the rule has nothing to say. */
  final int[] required;

  /** The places of all parameters it depends on, those that decide activity included. */
  final int[] places;

  /** Whether it can be evaluated at a point as plain arithmetic: nothing fails anywhere. */
  final boolean plain;

  /** Whether the rule holds everywhere in the current box. */
  boolean decided;

  /** Whether the box has changed in a way that concerns the rule since it was last looked at. */
  boolean stale;

  Clause(
      @Nullable Check check,
      @Nullable Truth truth,
      boolean wanted,
      int[] required,
      int[] places,
      boolean plain) {
    this.check = check;
    this.truth = truth;
    this.wanted = wanted;
    this.required = required;
    this.places = places;
    this.plain = plain;
  }

  boolean mute(double[] point) {
    for (int place : required) {
      if (Double.isNaN(point[place])) {
        return true;
      }
    }
    return false;
  }
}
