package io.trimtab.program;

import io.trimtab.lm.Usage;
import io.trimtab.variable.VariableSource;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a program, handed down to every program it is made of: the values all of them see, the
 * options of the call, and what they did.
 *
 * <p>Safe for use by many threads at once, so a program may run its parts in parallel.
 */
public final class Run {

  private final VariableSource source;
  private final CallOptions options;
  private final List<Step> steps = new ArrayList<>(); // guarded by itself

  private Run(VariableSource source, CallOptions options) {
    this.source = source;
    this.options = options;
  }

  static Run start(VariableSource source, CallOptions options) {
    return new Run(source.snapshot(), options);
  }

  /**
   * Returns the variables' values.
   *
   * @return a frozen source: every part of the run sees one revision
   */
  public VariableSource source() {
    return source;
  }

  /**
   * Returns the options of the call.
   *
   * @return what this run does differently
   */
  public CallOptions options() {
    return options;
  }

  /**
   * Notes what a predictor did, for programs that answer by other means than {@link Predict}.
   *
   * @param step what was done
   */
  public void record(Step step) {
    synchronized (steps) {
      steps.add(step);
    }
  }

  /**
   * Returns what was done so far.
   *
   * @return a copy, in the order the steps ended
   */
  public List<Step> steps() {
    synchronized (steps) {
      return List.copyOf(steps);
    }
  }

  Prediction finish(Prediction prediction) {
    List<Step> trace = steps();
    Usage usage = Usage.UNKNOWN;
    for (Step step : trace) {
      usage = usage.plus(Attempt.usage(step.attempts()));
    }
    if (trace.isEmpty()) {
      return prediction;
    }
    // A program that ran elsewhere may know what it used without having asked a model here.
    boolean elsewhere = usage.equals(Usage.UNKNOWN);
    return prediction.withTrace(trace, elsewhere ? prediction.usage() : usage);
  }
}
