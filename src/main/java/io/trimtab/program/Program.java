package io.trimtab.program;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmFutures;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.VariableSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Something that turns inputs into a {@link Prediction} by asking language models.
 *
 * <p>{@link Predict} is the smallest one. A program of your own holds predictors, passes its {@link
 * Run} on to them, and names them so that they can be bound, saved and optimized:
 *
 * <pre>{@code
 * record Summarize(Predict outline, Predict write) implements Program {
 *   public Prediction forward(FieldValues inputs, Run run) {
 *     Prediction plan = outline.forward(inputs, run);
 *     return write.forward(inputs.with(plan.values()), run);
 *   }
 *   public List<Predict> predictors() { return List.of(outline, write); }
 *   public Summarize withPredictors(UnaryOperator<Predict> change) {
 *     return new Summarize(change.apply(outline), change.apply(write));
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> A program is immutable and safe for use by many threads at once. Nothing about
 * a run is kept in it, so runs with different sources never mix.
 *
 * <p><b>Values.</b> A run takes one {@linkplain VariableSource#snapshot() snapshot} of its source;
 * every part of the program sees that one. A parameter's value is the call's, else the variable's
 * or the program's own, else the model's default.
 */
@FunctionalInterface
public interface Program {

  /**
   * Answers as part of a run; implemented by programs, called by programs that hold this one.
   * Everybody else calls {@link #run}.
   *
   * @param inputs what goes in
   * @param run the values to see and the options to follow
   * @return the answer
   */
  Prediction forward(FieldValues inputs, Run run);

  /**
   * Answers as part of a run without blocking the caller. The default does {@link #forward} on a
   * thread of {@link CallOptions#executor()}.
   *
   * @param inputs what goes in
   * @param run the values to see and the options to follow
   * @return the answer to come; cancelling it interrupts the work
   */
  default CompletableFuture<Prediction> forwardAsync(FieldValues inputs, Run run) {
    return Interruptible.supply(() -> forward(inputs, run), run.options().executor());
  }

  /**
   * Returns the predictors this program is made of, nested ones included.
   *
   * @return the predictors, with distinct names; empty if nothing here can be tuned
   */
  default List<Predict> predictors() {
    return List.of();
  }

  /**
   * Returns this program with each predictor replaced.
   *
   * @param change gives the replacement of a predictor, or the predictor itself
   * @return a new program
   * @throws IllegalStateException if the program lists predictors but cannot replace them
   */
  default Program withPredictors(UnaryOperator<Predict> change) {
    if (predictors().isEmpty()) {
      return this;
    }
    throw new IllegalStateException(
        getClass().getName() + " lists predictors but does not override withPredictors");
  }

  /**
   * Returns the names of the parameters that can be set, bound, or given with a call.
   *
   * @return the union over the predictors
   */
  default Set<String> parameters() {
    Set<String> names = new TreeSet<>();
    predictors().forEach(predictor -> names.addAll(predictor.parameters()));
    return names;
  }

  /**
   * Returns this program with a parameter that follows a variable.
   *
   * @param parameter a parameter of all predictors, such as {@code temperature}, or of one, such as
   *     {@code outline.temperature}
   * @param variable the variable's name
   * @return a new program
   * @throws IllegalArgumentException if there is no such parameter, with the list of known ones
   */
  default Program bind(String parameter, String variable) {
    return PredictorPath.change(
        this, parameter, (predictor, name) -> predictor.bind(name, variable));
  }

  /**
   * Returns this program with a parameter that follows a variable, and somebody who is told when
   * its value changes.
   *
   * @param parameter as for {@link #bind(String, String)}
   * @param variable the variable's name
   * @param listener see there
   * @return a new program
   * @throws IllegalArgumentException if there is no such parameter, with the list of known ones
   */
  default Program bind(String parameter, String variable, BindingListener listener) {
    return PredictorPath.change(
        this, parameter, (predictor, name) -> predictor.bind(name, variable, listener));
  }

  /**
   * Returns this program with a parameter that follows a variable where the variable has a value,
   * as a conditional one of a configuration space sometimes has not.
   *
   * @param parameter as for {@link #bind(String, String)}
   * @param variable the variable's name
   * @return a new program; without a value, the fixed value or the model's default holds
   * @throws IllegalArgumentException if there is no such parameter, with the list of known ones
   */
  default Program bindOptional(String parameter, String variable) {
    return PredictorPath.change(
        this, parameter, (predictor, name) -> predictor.bindOptional(name, variable));
  }

  /**
   * Returns this program with a parameter that no longer follows a variable.
   *
   * @param parameter as for {@link #bind(String, String)}
   * @return a new program, in which the fixed value from before the binding counts again
   * @throws IllegalArgumentException if there is no such binding
   */
  default Program unbind(String parameter) {
    return PredictorPath.change(this, parameter, Predict::unbind);
  }

  /**
   * Returns this program with a parameter set to a fixed value.
   *
   * @param parameter as for {@link #bind(String, String)}
   * @param value its value
   * @return a new program
   * @throws IllegalArgumentException if there is no such parameter or the value does not suit it
   */
  default Program with(String parameter, Object value) {
    return PredictorPath.change(this, parameter, (predictor, name) -> predictor.with(name, value));
  }

  /**
   * Returns which parameters follow which variables.
   *
   * @return the variable's name by parameter; with more than one predictor the parameter is written
   *     {@code outline.temperature}
   */
  default Map<String, String> bindings() {
    List<Predict> predictors = predictors();
    Map<String, String> bindings = new LinkedHashMap<>();
    for (Predict predictor : predictors) {
      String prefix = predictors.size() == 1 ? "" : predictor.name() + ".";
      predictor
          .bindings()
          .forEach((parameter, variable) -> bindings.put(prefix + parameter, variable));
    }
    return bindings;
  }

  /**
   * Answers and waits for the answer.
   *
   * @param inputs what goes in
   * @param source the variables' values; one snapshot of it is used
   * @param options what this run does differently
   * @return the answer, with the usage and trace of the whole run
   * @throws IllegalArgumentException if an input is missing or an option names no parameter
   * @throws ParameterValueException if a variable's value does not suit the parameter bound to it
   * @throws VariableNotFoundException if a bound variable has no value
   * @throws UnreadableAnswerException if the model's answer could not be read
   * @throws LmException if the model could not be asked
   */
  default Prediction run(FieldValues inputs, VariableSource source, CallOptions options) {
    Run run = PredictorPath.start(this, source, options);
    return run.finish(forward(inputs, run));
  }

  /**
   * Answers and waits for the answer.
   *
   * @param inputs what goes in
   * @param source the variables' values; one snapshot of it is used
   * @return the answer; errors are those of the full form
   */
  default Prediction run(FieldValues inputs, VariableSource source) {
    return run(inputs, source, CallOptions.NONE);
  }

  /**
   * Answers and waits for the answer.
   *
   * @param inputs what goes in, by field name
   * @param source the variables' values; one snapshot of it is used
   * @return the answer; errors are those of the full form
   */
  default Prediction run(Map<String, ? extends @Nullable Object> inputs, VariableSource source) {
    return run(FieldValues.of(inputs), source);
  }

  /**
   * Answers and waits for the answer.
   *
   * @param inputs what goes in; a record whose components are named as the fields
   * @param source the variables' values; one snapshot of it is used
   * @return the answer; errors are those of the full form
   */
  default Prediction run(Record inputs, VariableSource source) {
    return run(FieldValues.of(inputs), source);
  }

  /**
   * Answers without blocking the caller.
   *
   * @param inputs what goes in
   * @param source the variables' values; the snapshot is taken before this method returns
   * @param options what this run does differently
   * @return the answer to come; it fails with what {@link #run} throws, and cancelling it ends the
   *     model call
   */
  default CompletableFuture<Prediction> runAsync(
      FieldValues inputs, VariableSource source, CallOptions options) {
    try {
      Run run = PredictorPath.start(this, source, options);
      return LmFutures.map(forwardAsync(inputs, run), run::finish);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Answers without blocking the caller.
   *
   * @param inputs what goes in
   * @param source the variables' values; the snapshot is taken before this method returns
   * @return the answer to come; errors are those of the full form
   */
  default CompletableFuture<Prediction> runAsync(FieldValues inputs, VariableSource source) {
    return runAsync(inputs, source, CallOptions.NONE);
  }
}
