package io.trimtab.program;

import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Usage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a program: typed fields, every completion, what it cost, and how it came about.
 *
 * <p>Immutable.
 */
public final class Prediction {

  private final FieldValues values;
  private final List<FieldValues> completions;
  private final Usage usage;
  private final List<Attempt> attempts;
  private final List<Step> trace;

  private Prediction(
      FieldValues values,
      List<FieldValues> completions,
      Usage usage,
      List<Attempt> attempts,
      List<Step> trace) {
    this.values = values;
    this.completions = completions;
    this.usage = usage;
    this.attempts = attempts;
    this.trace = trace;
  }

  /**
   * Creates the answer of a program that is made of others, or of none.
   *
   * @param values the answer's fields
   * @return a prediction; usage and trace of the run are added to it at the run's end
   */
  public static Prediction of(FieldValues values) {
    return of(List.of(values), List.of());
  }

  /**
   * Creates the answer of a program that is made of others, or of none.
   *
   * @param values the answer's fields
   * @return a prediction; usage and trace of the run are added to it at the run's end
   */
  public static Prediction of(Map<String, ? extends @Nullable Object> values) {
    return of(FieldValues.of(values));
  }

  /**
   * Creates a prediction with several completions, for programs that answer by other means than
   * {@link Predict}.
   *
   * @param values the answer
   * @param completions all answers the model gave; {@code values} alone if empty
   * @return the prediction
   */
  public static Prediction of(FieldValues values, List<FieldValues> completions) {
    List<FieldValues> all = completions.isEmpty() ? List.of(values) : List.copyOf(completions);
    return new Prediction(values, all, Usage.UNKNOWN, List.of(), List.of());
  }

  static Prediction of(List<FieldValues> completions, List<Attempt> attempts) {
    return new Prediction(
        completions.get(0),
        List.copyOf(completions),
        Attempt.usage(attempts),
        List.copyOf(attempts),
        List.of());
  }

  /**
   * Returns the same answer with what a whole run did and took, for programs that run elsewhere.
   *
   * @param steps what was done, in order
   * @param total what all of it took
   * @return a new prediction
   */
  public Prediction withTrace(List<Step> steps, Usage total) {
    return new Prediction(values, completions, total, attempts, List.copyOf(steps));
  }

  /**
   * Returns the answer with one more or another field, as composite programs need it.
   *
   * @param name the field's name
   * @param value its value
   * @return a new prediction
   */
  public Prediction with(String name, @Nullable Object value) {
    return new Prediction(values.with(name, value), completions, usage, attempts, trace);
  }

  /**
   * Returns the answer's fields.
   *
   * @return those of the first completion that could be read
   */
  public FieldValues values() {
    return values;
  }

  /**
   * Returns every completion that could be read.
   *
   * @return at least one, in the model's order; more than one if {@code n} was above one
   */
  public List<FieldValues> completions() {
    return completions;
  }

  /**
   * Returns the tokens taken.
   *
   * @return the sum over all model calls of the run, repairs and fallbacks included
   */
  public Usage usage() {
    return usage;
  }

  /**
   * Returns the model calls behind this answer.
   *
   * @return in order; empty for the answer of a composite program, whose {@link #trace} has them
   */
  public List<Attempt> attempts() {
    return attempts;
  }

  /**
   * Returns the raw answer of the model.
   *
   * @return the response the fields were read from, or null for a composite program
   */
  public @Nullable LmResponse response() {
    return attempts.isEmpty() ? null : attempts.get(attempts.size() - 1).response();
  }

  /**
   * Tells whether the model was cut off by its limit of tokens.
   *
   * @return whether a completion of the {@link #response} ended with {@link FinishReason#LENGTH}
   */
  public boolean truncated() {
    LmResponse response = response();
    return response != null
        && response.completions().stream()
            .anyMatch(completion -> completion.finishReason() == FinishReason.LENGTH);
  }

  /**
   * Returns what every predictor did during the run.
   *
   * @return the steps in the order they ended
   */
  public List<Step> trace() {
    return trace;
  }

  /**
   * Returns a field of the answer.
   *
   * @param name the field's name
   * @return the plain value; null if the field is null
   * @throws IllegalArgumentException if there is no such field
   */
  public @Nullable Object get(String name) {
    return values.get(name);
  }

  /**
   * Returns a text of the answer.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no text
   */
  public String getString(String name) {
    return values.getString(name);
  }

  /**
   * Returns an integer of the answer.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no integer
   */
  public long getLong(String name) {
    return values.getLong(name);
  }

  /**
   * Returns a number of the answer; integers widen.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no number
   */
  public double getDouble(String name) {
    return values.getDouble(name);
  }

  /**
   * Returns a boolean of the answer.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no boolean
   */
  public boolean getBoolean(String name) {
    return values.getBoolean(name);
  }

  /**
   * Returns a list of the answer.
   *
   * @param name the field's name
   * @return its plain elements
   * @throws IllegalArgumentException if there is no such field or it is no list
   */
  public List<@Nullable Object> getList(String name) {
    return values.getList(name);
  }

  /**
   * Returns the answer as a record.
   *
   * @param type the record whose components are named as the fields
   * @param <R> the record
   * @return a new record
   * @throws IllegalArgumentException if a component has no field or a field another type
   */
  public <R extends Record> R as(Class<R> type) {
    return values.as(type);
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
