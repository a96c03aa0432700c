package io.trimtab.evaluate;

import io.trimtab.lm.LanguageModel;
import io.trimtab.program.Example;
import io.trimtab.program.Predict;
import io.trimtab.program.Prediction;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.ToDoubleBiFunction;

/**
 * Says how good a prediction for an example is.
 *
 * <pre>{@code
 * Metric.exactMatch("label");
 * Metric.of("short", (example, prediction) -> prediction.getString("answer").length() < 80 ? 1 : 0);
 * }</pre>
 *
 * <p><b>Threads.</b> Called by many threads at once. <b>Errors.</b> A metric that throws, fails its
 * future, or gives NaN or an infinity makes its example a failed one.
 */
public interface Metric {

  /**
   * Returns the name for tables and reports.
   *
   * @return such as {@code exact_match(label)}
   */
  String name();

  /**
   * Judges a prediction.
   *
   * @param example what went in and what was expected
   * @param prediction what came out
   * @return the score to come
   */
  CompletableFuture<Score> score(Example example, Prediction prediction);

  /**
   * Makes a metric of a function.
   *
   * @param name for tables and reports
   * @param function gives the score; it may block and throw
   * @return the metric
   */
  static Metric of(String name, ToDoubleBiFunction<Example, Prediction> function) {
    return async(
        name,
        (example, prediction) ->
            CompletableFuture.completedFuture(
                Score.of(function.applyAsDouble(example, prediction))));
  }

  /**
   * Makes a metric of an asynchronous function.
   *
   * @param name for tables and reports
   * @param function gives the score to come; cancelled when the evaluation is
   * @return the metric
   */
  static Metric async(
      String name, BiFunction<Example, Prediction, CompletableFuture<Score>> function) {
    return new FunctionMetric(name, function);
  }

  /**
   * Gives 1 if a field equals the label of the same name. Texts are compared as SQuAD does it:
   * Unicode decomposed (NFD), lower case, without ASCII punctuation, without the words a, an and
   * the, runs of space as one. A label that is a list matches with any of its elements; anything
   * else matches if its text does, numbers by value.
   *
   * @param field the field and the label
   * @return the metric
   */
  static Metric exactMatch(String field) {
    return exactMatch(field, field);
  }

  /**
   * Gives 1 if a field equals a label of another name.
   *
   * @param field the prediction's field
   * @param label the example's label
   * @return the metric
   */
  static Metric exactMatch(String field, String label) {
    return TextMatch.metric("exact_match", field, label, TextMatch::equal);
  }

  /**
   * Gives the F1 of the words a field and the label of the same name share, normalised as for
   * {@link #exactMatch(String)}; the best one if the label is a list.
   *
   * @param field the field and the label
   * @return the metric
   */
  static Metric f1(String field) {
    return f1(field, field);
  }

  /**
   * Gives the F1 of the words a field shares with a label of another name.
   *
   * @param field the prediction's field
   * @param label the example's label
   * @return the metric
   */
  static Metric f1(String field, String label) {
    return TextMatch.metric("f1", field, label, TextMatch::f1);
  }

  /**
   * Gives 1 if a field contains the label of the same name, both normalised as for {@link
   * #exactMatch(String)}.
   *
   * @param field the field and the label
   * @return the metric
   */
  static Metric contains(String field) {
    return contains(field, field);
  }

  /**
   * Gives 1 if a field contains a label of another name.
   *
   * @param field the prediction's field
   * @param label the example's label
   * @return the metric
   */
  static Metric contains(String field, String label) {
    return TextMatch.metric("contains", field, label, TextMatch::contains);
  }

  /**
   * Lets a language model judge: it sees inputs, labels and answer, gives its reasons and a score
   * in {@code [0, 1]}. Its calls count in the evaluation's usage.
   *
   * @param judge who judges
   * @param rubric what makes an answer good
   * @return the metric, named {@code judge}
   */
  static Metric judge(LanguageModel judge, String rubric) {
    return new JudgeMetric(JudgeMetric.predictor(rubric).withModel(judge));
  }

  /**
   * Lets a predictor judge, for full control over the judge's prompt and parameters.
   *
   * @param judge a predictor with the inputs {@code inputs}, {@code reference} and {@code answer},
   *     all of type {@code dict}, and an output {@code score}; an output {@code reasoning} becomes
   *     the feedback
   * @return the metric, named {@code judge}
   * @throws IllegalArgumentException if the judge has no output {@code score}
   */
  static Metric judge(Predict judge) {
    return new JudgeMetric(judge);
  }
}
