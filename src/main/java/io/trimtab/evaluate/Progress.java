package io.trimtab.evaluate;

/**
 * Is told how an evaluation goes. Calls come one at a time, with counts that never fall, on the
 * threads of the evaluation; they should be short.
 */
@FunctionalInterface
public interface Progress {

  /** Tells nobody. */
  Progress NONE = state -> {};

  /**
   * Hears of one more example that has ended.
   *
   * @param state how far it is
   */
  void advanced(State state);

  /**
   * How far an evaluation is.
   *
   * @param done how many examples have ended
   * @param total how many there are
   * @param failed how many of those that have ended failed
   * @param score the mean score of those that have ended
   */
  record State(int done, int total, int failed, double score) {}
}
