package io.trimtab.evaluate;

import io.trimtab.lm.LmFutures;
import io.trimtab.program.Constraint;
import io.trimtab.program.Example;
import io.trimtab.program.Field;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Predict;
import io.trimtab.program.Prediction;
import io.trimtab.program.Signature;
import io.trimtab.program.Step;
import io.trimtab.variable.VariableSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A language model that gives reasons and a score. */
final class JudgeMetric implements Metric {

  private static final String SCORE = "score";
  private static final String REASONING = "reasoning";

  private final Predict judge;

  JudgeMetric(Predict judge) {
    if (!judge.signature().outputNames().contains(SCORE)) {
      throw new IllegalArgumentException(
          "a judge needs an output \"score\", got " + judge.signature());
    }
    this.judge = judge;
  }

  static Predict predictor(String rubric) {
    return Predict.of(
            Signature.builder()
                .input("inputs", "dict", "what the task was given")
                .input("reference", "dict", "what was expected, if anything")
                .input("answer", "dict", "the answer to judge")
                .output(REASONING, "str", "why the answer deserves its score")
                .outputs(
                    Field.of(SCORE, "float")
                        .describedAs("0 is worthless, 1 is perfect")
                        .with(Constraint.Kind.GE, 0)
                        .with(Constraint.Kind.LE, 1))
                .instructions("Judge the answer by this rubric:\n" + rubric)
                .build())
        .named("judge");
  }

  @Override
  public String name() {
    return "judge";
  }

  @Override
  public CompletableFuture<Score> score(Example example, Prediction prediction) {
    FieldValues case_ =
        FieldValues.of(
            Map.of(
                "inputs", example.inputs().asMap(),
                "reference", example.labels().asMap(),
                "answer", prediction.values().asMap()));
    return LmFutures.map(judge.runAsync(case_, VariableSource.empty()), JudgeMetric::scored);
  }

  private static Score scored(Prediction verdict) {
    String reasons = verdict.values().has(REASONING) ? String.valueOf(verdict.get(REASONING)) : "";
    return new Score(
        verdict.getDouble(SCORE),
        reasons,
        verdict.trace().stream().map(Step::attempts).flatMap(List::stream).toList());
  }

  @Override
  public String toString() {
    return "judge(" + judge + ")";
  }
}
