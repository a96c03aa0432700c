package io.trimtab.space;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Draws a group of parameters that no rule connects to any other: the valid ones, each as likely as
 * its prior says.
 */
sealed interface ComponentSampler permits TableSampler, RejectionSampler, CoverSampler {

  /**
   * Fills the group's slots.
   *
   * @throws SamplingException if the budget ends first
   */
  void draw(@Nullable Object[] values, RandomGenerator random, SamplingBudget budget);
}
