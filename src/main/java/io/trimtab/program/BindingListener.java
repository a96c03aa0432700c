package io.trimtab.program;

import org.jspecify.annotations.Nullable;

/**
 * Is told when a run finds another value behind a binding than the run before it did.
 *
 * <p>It belongs to one binding and goes with it: a program without the binding does not hold the
 * listener. It is called on the thread of the run, before the model is asked, and not for the first
 * run, which has nothing to compare with. When runs with different sources overlap it hears of each
 * change in some order. An exception it throws ends that run.
 */
@FunctionalInterface
public interface BindingListener {
  /**
   * Hears of a changed value.
   *
   * @param parameter the bound parameter
   * @param before the value the previous run saw; null if the variable had none
   * @param now the value this run uses; null if the variable has none
   */
  void changed(String parameter, @Nullable Object before, @Nullable Object now);
}
