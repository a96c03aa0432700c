package io.trimtab.program;

import java.util.List;

/**
 * What one predictor did during a run: the material from which optimizers make demonstrations.
 *
 * @param predictor the predictor's name
 * @param signature what it asked for, with the instructions it used
 * @param inputs what went in
 * @param outputs what came out
 * @param parameters the parameters that held
 * @param attempts the model calls it took, at least one
 */
public record Step(
    String predictor,
    Signature signature,
    FieldValues inputs,
    FieldValues outputs,
    ResolvedParameters parameters,
    List<Attempt> attempts) {

  /**
   * Copies the attempts.
   *
   * @param predictor as documented above
   * @param signature as documented above
   * @param inputs as documented above
   * @param outputs as documented above
   * @param parameters as documented above
   * @param attempts as documented above
   */
  public Step {
    attempts = List.copyOf(attempts);
  }

  @Override
  public String toString() {
    return "%s: %s -> %s".formatted(predictor, inputs, outputs);
  }
}
