package io.trimtab.space;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How to draw valid configurations of one space, decided once. */
final class SamplingPlan {
  /*
   * Parameters that a rule or a condition connects form a group (a connected component of the constraint graph). The
   * valid set is the product of the groups' valid sets, so each is drawn on its own: two groups of which one proposal
   * in a thousand is valid cost two thousand proposals, not a million. A group without rules is drawn directly. A
   * small discrete group is listed once and drawn from the list. Any other is drawn by rejection: from the prior where
   * much of it is valid, else from a cover of the valid part. The decision uses
   * the definition and a pilot with a seed of its own, never the caller's random numbers or what was drawn before:
   * equal seeds give equal samples, whether the space is fresh or not.
   *
   * The distribution is the prior, conditioned on validity. An inactive parameter counts with all its values, so
   * strategies with many parameters of their own are not drawn more often than simple ones.
   */

  /** Groups with at most this many combinations are listed without asking how many are valid. */
  private static final BigInteger SMALL = BigInteger.valueOf(20_000);

  private static final BigInteger SMALL_FOR_PREDICATES = BigInteger.valueOf(1_000);

  /**
   * A group is listed if fewer than RARE of PILOT proposals are valid, and the list stays short.
   */
  private static final int PILOT = 1_000;

  private static final int RARE = 20;

  /** From this many valid ones of PILOT on, proposing from the prior is the cheapest. */
  private static final int COMMON = 300;

  private static final int MAX_ROWS = 100_000;
  private static final long MAX_WORK = 1_000_000;
  private static final long MAX_WORK_FOR_PREDICATES = 100_000;

  private final Proposal free;
  private final ComponentSampler[] components;
  private final int slotCount;

  private SamplingPlan(Proposal free, List<ComponentSampler> components, int slotCount) {
    this.free = free;
    this.components = components.toArray(new ComponentSampler[0]);
    this.slotCount = slotCount;
  }

  static SamplingPlan of(Definition definition, List<Rule> rules) {
    return of(definition, rules, component -> sampler(definition, component));
  }

  /** Draws every ruled group from a cover, however small or easy it is; for tests of the cover. */
  static SamplingPlan covering(Definition definition, List<Rule> rules) {
    return of(
        definition,
        rules,
        component ->
            Objects.requireNonNull(
                CoverSampler.of(
                    definition, component, new RejectionSampler(definition, component))));
  }

  private static SamplingPlan of(
      Definition definition, List<Rule> rules, Function<Component, ComponentSampler> samplerOf) {
    BitSet unruled = new BitSet();
    List<ComponentSampler> samplers = new ArrayList<>();
    for (Component component : Component.of(definition, rules)) {
      if (component.rules().isEmpty()) {
        for (int slot : component.slots()) {
          unruled.set(slot);
        }
      } else {
        samplers.add(samplerOf.apply(component));
      }
    }
    int[] free = Arrays.stream(definition.order()).filter(unruled::get).toArray();
    return new SamplingPlan(
        new Proposal(definition, free), samplers, definition.parameters().size());
  }

  private static ComponentSampler sampler(Definition definition, Component component) {
    RejectionSampler rejection = new RejectionSampler(definition, component);
    boolean local = false;
    for (Rule rule : component.rules()) {
      local |= rule.kind() == Rule.Kind.LOCAL;
    }
    BigInteger size = Sizes.combinations(definition, component.slots());
    boolean finite = size.signum() > 0;
    boolean small = size.compareTo(local ? SMALL_FOR_PREDICATES : SMALL) <= 0;
    int valid = rejection.pilot(PILOT);
    if (finite && (small || valid < RARE)) {
      long work = local ? MAX_WORK_FOR_PREDICATES : MAX_WORK;
      FiniteSearch search = component.search(definition, component.rules(), work);
      TableSampler table = TableSampler.of(search, component.slots(), MAX_ROWS);
      if (table != null) {
        return table;
      }
    }
    CoverSampler cover = valid >= COMMON ? null : CoverSampler.of(definition, component, rejection);
    return cover == null ? rejection : cover;
  }

  @Nullable Object[] draw(RandomGenerator random, SamplingBudget budget) {
    @Nullable Object[] values = new @Nullable Object[slotCount];
    free.draw(values, random);
    for (ComponentSampler component : components) {
      component.draw(values, random, budget);
    }
    return values;
  }
}
