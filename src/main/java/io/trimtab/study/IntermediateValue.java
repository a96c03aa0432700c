package io.trimtab.study;

/**
 * How good a trial was at one step on its way, such as after some batches of examples.
 *
 * @param step which step, at least 0
 * @param value how good it was then; NaN counts as hopeless
 */
public record IntermediateValue(int step, double value) {

  /**
   * Rejects a negative step.
   *
   * @param step which step, at least 0
   * @param value how good it was then; NaN counts as hopeless
   */
  public IntermediateValue {
    if (step < 0) {
      throw new IllegalArgumentException("a step must be at least 0, got " + step);
    }
  }
}
