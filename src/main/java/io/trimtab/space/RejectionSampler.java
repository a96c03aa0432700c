package io.trimtab.space;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws whole proposals from the prior until one satisfies every rule. */
final class RejectionSampler implements ComponentSampler {
  /*
   * Rejecting whole proposals is exact: what is accepted has the prior's density on the valid set. Repairing or
   * redrawing a part of a proposal would not be (it favours values whose partners are easy to find).
   */

  private static final int CLOCK_EVERY = 256;
  private static final int DIAGNOSED = 4_096;
  private static final long DIAGNOSIS_SEED = 0x5EED;

  private final String space;
  private final int slotCount;
  private final Proposal proposal;
  private final Rule[] rules;
  private final Check[] checks;

  RejectionSampler(Definition definition, Component component) {
    this.space = definition.name();
    this.slotCount = definition.parameters().size();
    this.proposal = new Proposal(definition, component.slots());
    this.rules = component.rules().toArray(new Rule[0]);
    this.checks = new Check[rules.length];
    for (int i = 0; i < rules.length; i++) {
      checks[i] = rules[i].check();
    }
  }

  @Override
  public void draw(@Nullable Object[] values, RandomGenerator random, SamplingBudget budget) {
    Instant deadline = null;
    for (long attempt = 1; attempt <= budget.maxAttempts(); attempt++) {
      if (attempt(values, random)) {
        return;
      }
      if (attempt % CLOCK_EVERY == 1) {
        deadline = deadline == null ? budget.deadline() : deadline;
        if (deadline != null && budget.clock().instant().isAfter(deadline)) {
          throw diagnosis(attempt);
        }
      }
    }
    throw diagnosis(budget.maxAttempts());
  }

  private boolean attempt(@Nullable Object[] values, RandomGenerator random) {
    proposal.draw(values, random);
    for (Check check : checks) {
      if (!check.holds(values)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns how many of n proposals are valid, always the same number; 0 as soon as a quarter of
   * them was in vain.
   */
  int pilot(int n) {
    SplittableRandom random = new SplittableRandom(DIAGNOSIS_SEED);
    @Nullable Object[] values = new @Nullable Object[slotCount];
    int accepted = 0;
    for (int i = 0; i < n && (accepted > 0 || i < n / 4); i++) {
      accepted += attempt(values, random) ? 1 : 0;
    }
    return accepted;
  }

  /** Names the rules to blame after some attempts in vain. */
  SamplingException diagnosis(long attempts) {
    SplittableRandom random = new SplittableRandom(DIAGNOSIS_SEED);
    @Nullable Object[] values = new @Nullable Object[slotCount];
    int[] rejected = new int[checks.length];
    int[] alone = new int[checks.length];
    int proposals = (int) Math.min(attempts, DIAGNOSED);
    for (int i = 0; i < proposals; i++) {
      proposal.draw(values, random);
      blame(values, rejected, alone);
    }
    List<SamplingException.Rejection> rejections = new ArrayList<>();
    for (int i = 0; i < rules.length; i++) {
      if (rejected[i] > 0) {
        rejections.add(
            new SamplingException.Rejection(
                rules[i], (double) rejected[i] / proposals, (double) alone[i] / proposals));
      }
    }
    rejections.sort(Comparator.comparingDouble(SamplingException.Rejection::share).reversed());
    return new SamplingException(space, attempts, rejections);
  }

  private void blame(@Nullable Object[] values, int[] rejected, int[] alone) {
    int broken = 0;
    int last = 0;
    for (int i = 0; i < checks.length; i++) {
      if (!checks[i].holds(values)) {
        rejected[i]++;
        broken++;
        last = i;
      }
    }
    if (broken == 1) {
      alone[last]++;
    }
  }
}
