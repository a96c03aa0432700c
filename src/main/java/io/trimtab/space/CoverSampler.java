package io.trimtab.space;

import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws a component of which only a small part is valid, from a cover of that part. */
final class CoverSampler implements ComponentSampler {
  /*
   * A cover is grown once, with random numbers of its own, and then frozen: so that equal seeds give equal draws
   * whatever was drawn before and by whichever thread. A draw proposes from the frozen cover, which is exact for any
   * cover, until a point is valid. Where even that is rare, the draw grows a cover of its own from the frozen one and
   * forgets it afterwards.
   *
   * Growing stops by counts, never by a clock: when half of all points are valid, or when enough boxes were made for
   * the least effort per draw to be expected (a few tens of milliseconds in all).
   */

  private static final long SEED = 0xC0FEL;
  private static final int WINDOW = 512;
  private static final int ENOUGH_BOXES = 1_500;
  private static final int ENOUGH_ACCEPTED = 2;
  private static final int MOST_BOXES = 24_000;
  private static final int MOST_ATTEMPTS = 60_000;
  private static final long MOST_WORK = 600_000;

  private static final int PATIENCE = 200_000;
  private static final int MOST_OWN_BOXES = 60_000;
  private static final int CLOCK_EVERY = 256;

  /** Boxes of many parameters are large; a cover keeps some tens of megabytes at most. */
  private static final int MOST_ENDS = 1 << 21;

  private final Definition definition;
  private final Component component;
  private final RejectionSampler diagnosis;
  private final Cover grown;
  private final FrozenCover frozen;

  private CoverSampler(
      Definition definition,
      Component component,
      RejectionSampler diagnosis,
      Cover grown,
      PointJudge judge) {
    this.definition = definition;
    this.component = component;
    this.diagnosis = diagnosis;
    this.grown = grown;
    this.frozen = new FrozenCover(grown, judge);
  }

  /**
   * Grows a cover; null if a component has values that doubles cannot count.
   *
   * @param diagnosis names the rules to blame if a draw finds nothing
   */
  static @Nullable CoverSampler of(
      Definition definition, Component component, RejectionSampler diagnosis) {
    Narrower narrower = Narrower.of(definition, component.slots(), component.rules());
    if (narrower == null) {
      return null;
    }
    PointJudge judge = new PointJudge(definition, narrower);
    Cover cover = new Cover(narrower, judge, Math.min(MOST_BOXES, MOST_ENDS / judge.places()));
    grow(cover, narrower, definition.parameters().size());
    return cover.empty() ? null : new CoverSampler(definition, component, diagnosis, cover, judge);
  }

  private static void grow(Cover cover, Narrower narrower, int slotCount) {
    SplittableRandom random = new SplittableRandom(SEED);
    @Nullable Object[] values = new @Nullable Object[slotCount];
    long accepted = 0;
    int recently = 0;
    for (int attempt = 1; attempt <= MOST_ATTEMPTS && !cover.empty(); attempt++) {
      if (cover.attempt(values, random)) {
        accepted++;
        recently++;
      }
      boolean enough = cover.size() >= ENOUGH_BOXES && accepted >= ENOUGH_ACCEPTED;
      if (enough || cover.size() >= MOST_BOXES || narrower.work() >= MOST_WORK) {
        return;
      }
      if (attempt % WINDOW == 0) {
        if (recently >= WINDOW / 2) {
          return;
        }
        recently = 0;
      }
    }
  }

  @Override
  public void draw(@Nullable Object[] values, RandomGenerator random, SamplingBudget budget) {
    double[] point = new double[frozen.pointSize()];
    long patience = Math.min(PATIENCE, budget.maxAttempts());
    Instant deadline = budget.deadline();
    for (long attempt = 1; attempt <= patience; attempt++) {
      if (frozen.attempt(point, values, random)) {
        return;
      }
      refuseLate(attempt, deadline, budget);
    }
    drawPatiently(values, random, budget, deadline, patience);
  }

  private void drawPatiently(
      @Nullable Object[] values,
      RandomGenerator random,
      SamplingBudget budget,
      @Nullable Instant deadline,
      long before) {
    Narrower own = Narrower.of(definition, component.slots(), component.rules());
    if (own == null) {
      throw new AssertionError("the same component was compiled before");
    }
    int places = component.slots().length;
    Cover cover = new Cover(grown, own, Math.min(MOST_OWN_BOXES, MOST_ENDS / places));
    for (long attempt = before + 1; attempt <= budget.maxAttempts(); attempt++) {
      if (cover.empty()) {
        break;
      }
      if (cover.attempt(values, random)) {
        return;
      }
      refuseLate(attempt, deadline, budget);
    }
    throw diagnosis.diagnosis(budget.maxAttempts());
  }

  private void refuseLate(long attempt, @Nullable Instant deadline, SamplingBudget budget) {
    if (attempt % CLOCK_EVERY == 0
        && deadline != null
        && budget.clock().instant().isAfter(deadline)) {
      throw diagnosis.diagnosis(attempt);
    }
  }
}
