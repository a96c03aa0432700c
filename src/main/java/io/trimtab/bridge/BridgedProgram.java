package io.trimtab.bridge;

import io.trimtab.bridge.wire.BindingDescription;
import io.trimtab.bridge.wire.DataMap;
import io.trimtab.bridge.wire.Demonstrations;
import io.trimtab.bridge.wire.PredictorDescription;
import io.trimtab.bridge.wire.PredictorOverride;
import io.trimtab.bridge.wire.ProgramDescription;
import io.trimtab.bridge.wire.RunRequest;
import io.trimtab.program.BindingListener;
import io.trimtab.program.CallOptions;
import io.trimtab.program.Demonstration;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Prediction;
import io.trimtab.program.Program;
import io.trimtab.program.Run;
import io.trimtab.program.Signature;
import io.trimtab.session.SessionProgram;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.VariableSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A Python program, usually a DSPy module, that runs in the sidecar and is used like any other
 * {@link Program}.
 *
 * <pre>{@code
 * BridgedProgram qa = bridge.program("qa");
 * String answer = qa.run(Map.of("question", "Why?"), session).getString("answer");
 * double score = evaluator.evaluate(qa, candidate).score();
 * }</pre>
 *
 * <p><b>Values.</b> A run sends the values its source has for every variable the program reads, all
 * of one revision, so that a candidate configuration is tried without touching the session. A
 * parameter's value is the call's, else that of a variable bound here, else one fixed here, else
 * what the Python side binds or sets.
 *
 * <p><b>Models.</b> Unless the Python program brings its own, its model calls come back to this
 * JVM's {@link Bridge} and are answered by its language models, with their breakers, limits, cache
 * and costs.
 *
 * <p>Immutable; safe for use by many threads at once. Cancelling a run stops the Python work.
 */
public final class BridgedProgram implements Program, SessionProgram {

  private final ProgramRunner runner;
  private final ProgramDescription description;
  private final Signature signature;
  private final Map<String, Object> fixed;
  private final Map<String, Binding> bound;
  private final Map<String, PredictorOverride> overrides;

  /** What a parameter follows on the Java side. */
  private record Binding(String variable, boolean required) {}

  BridgedProgram(ProgramRunner runner, ProgramDescription description) {
    this(
        runner,
        description,
        WireSignatures.signature(description.getSignature()),
        Map.of(),
        Map.of(),
        Map.of());
  }

  private BridgedProgram(
      ProgramRunner runner,
      ProgramDescription description,
      Signature signature,
      Map<String, Object> fixed,
      Map<String, Binding> bound,
      Map<String, PredictorOverride> overrides) {
    this.runner = runner;
    this.description = description;
    this.signature = signature;
    this.fixed = Collections.unmodifiableMap(fixed);
    this.bound = Collections.unmodifiableMap(bound);
    this.overrides = Collections.unmodifiableMap(overrides);
  }

  /**
   * Returns the name it was registered under in Python.
   *
   * @return the name
   */
  @Override
  public String name() {
    return description.getName();
  }

  /**
   * Returns what it is for, in its author's words.
   *
   * @return a sentence, or empty
   */
  public String description() {
    return description.getDescription();
  }

  /**
   * Returns the class of the Python object.
   *
   * @return such as {@code dspy.predict.chain_of_thought.ChainOfThought}
   */
  public String pythonType() {
    return description.getType();
  }

  /**
   * Returns what goes in and comes out. A Python type that Java has no word for is {@code Any}.
   *
   * @return the program's signature
   */
  public Signature signature() {
    return signature;
  }

  /**
   * Returns the names of the predictors it is made of, as Python numbers them.
   *
   * @return dotted paths such as {@code extract.predict}
   */
  public List<String> predictorNames() {
    return description.getPredictorsList().stream().map(PredictorDescription::getName).toList();
  }

  /**
   * Returns the configuration space it registered.
   *
   * @return the space's name, or empty if it registered none
   */
  public String spaceName() {
    return description.getSpace();
  }

  @Override
  public boolean requiresBridge() {
    return true;
  }

  @Override
  public Set<String> parameters() {
    return new TreeSet<>(description.getParametersList());
  }

  /**
   * Returns which parameters follow which variables, on the Python side and on this one.
   *
   * @return the variable's name by parameter; where both sides bind one, this side counts
   */
  @Override
  public Map<String, String> bindings() {
    Map<String, String> bindings = new LinkedHashMap<>();
    for (BindingDescription binding : description.getBindingsList()) {
      bindings.put(binding.getParameter(), binding.getVariable());
    }
    bound.forEach((parameter, binding) -> bindings.put(parameter, binding.variable()));
    return Collections.unmodifiableMap(bindings);
  }

  @Override
  public BridgedProgram bind(String parameter, String variable) {
    return bound(parameter, new Binding(variable, /* required= */ true));
  }

  /**
   * Refuses a listener: values of a bridged program are resolved where it runs, and Python's own
   * bindings have callbacks.
   */
  @Override
  public BridgedProgram bind(String parameter, String variable, BindingListener listener) {
    throw new IllegalArgumentException(
        "%s of %s: expected a binding without a listener; give the callback to the binding in Python"
            .formatted(parameter, this));
  }

  @Override
  public BridgedProgram bindOptional(String parameter, String variable) {
    return bound(parameter, new Binding(variable, /* required= */ false));
  }

  private BridgedProgram bound(String parameter, Binding binding) {
    requireKnown(parameter);
    Map<String, Binding> more = new LinkedHashMap<>(bound);
    more.put(parameter, binding);
    return new BridgedProgram(runner, description, signature, fixed, more, overrides);
  }

  @Override
  public BridgedProgram unbind(String parameter) {
    if (!bound.containsKey(parameter)) {
      throw new IllegalArgumentException(
          "%s of %s: expected a parameter bound here, which are %s"
              .formatted(parameter, this, bound.keySet()));
    }
    Map<String, Binding> fewer = new LinkedHashMap<>(bound);
    fewer.remove(parameter);
    return new BridgedProgram(runner, description, signature, fixed, fewer, overrides);
  }

  @Override
  public BridgedProgram with(String parameter, Object value) {
    requireKnown(parameter);
    WireData.data(parameter, value); // refuses what could not be sent here rather than at a run
    Map<String, Object> more = new LinkedHashMap<>(fixed);
    more.put(parameter, value);
    return new BridgedProgram(runner, description, signature, more, bound, overrides);
  }

  private void requireKnown(String parameter) {
    if (!description.getParametersList().contains(parameter)) {
      throw new IllegalArgumentException(
          "unknown parameter \"%s\" of %s, known are %s".formatted(parameter, this, parameters()));
    }
  }

  /**
   * Returns this program with other instructions for one predictor.
   *
   * @param predictor one of {@link #predictorNames}
   * @param instructions what the predictor is to do
   * @return a new program; the Python object and other runs are not touched
   * @throws IllegalArgumentException if there is no such predictor
   */
  public BridgedProgram withInstructions(String predictor, String instructions) {
    return overriding(predictor, override -> override.setInstructions(instructions));
  }

  /**
   * Returns this program with other demonstrations for one predictor.
   *
   * @param predictor one of {@link #predictorNames}
   * @param demonstrations what the model is shown; none at all if empty
   * @return a new program; the Python object and other runs are not touched
   * @throws IllegalArgumentException if there is no such predictor
   */
  public BridgedProgram withDemonstrations(String predictor, List<Demonstration> demonstrations) {
    Demonstrations.Builder examples = Demonstrations.newBuilder();
    for (Demonstration demonstration : demonstrations) {
      examples.addExamples(WireData.map(predictor, demonstration.values().asMap()));
    }
    return overriding(predictor, override -> override.setDemonstrations(examples));
  }

  private BridgedProgram overriding(
      String predictor, UnaryOperator<PredictorOverride.Builder> change) {
    if (!predictorNames().contains(predictor)) {
      throw new IllegalArgumentException(
          "no predictor \"%s\" in %s, only %s".formatted(predictor, this, predictorNames()));
    }
    PredictorOverride before =
        overrides.getOrDefault(
            predictor, PredictorOverride.newBuilder().setName(predictor).build());
    Map<String, PredictorOverride> more = new LinkedHashMap<>(overrides);
    more.put(predictor, change.apply(before.toBuilder()).build());
    return new BridgedProgram(runner, description, signature, fixed, bound, more);
  }

  /**
   * Returns the demonstrations a predictor has in Python.
   *
   * @param predictor one of {@link #predictorNames}
   * @return its demonstrations, not those of {@link #withDemonstrations}
   */
  public List<Demonstration> demonstrations(String predictor) {
    return predictor(predictor).getDemonstrationsList().stream()
        .map(example -> Demonstration.of(WireData.plain(example)))
        .toList();
  }

  /**
   * Returns the signature a predictor has in Python.
   *
   * @param predictor one of {@link #predictorNames}
   * @return its signature with its instructions
   */
  public Signature signature(String predictor) {
    return WireSignatures.signature(predictor(predictor).getSignature());
  }

  private PredictorDescription predictor(String name) {
    return description.getPredictorsList().stream()
        .filter(predictor -> predictor.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no predictor \"%s\" in %s, only %s".formatted(name, this, predictorNames())));
  }

  @Override
  public Prediction forward(FieldValues inputs, Run run) {
    return runner.await(forwardAsync(inputs, run), name());
  }

  @Override
  public CompletableFuture<Prediction> forwardAsync(FieldValues inputs, Run run) {
    return runner.run(this, request(inputs, run.source(), run.options()), run.options(), run);
  }

  /**
   * Answers several questions on one stream, all of them seeing the same values.
   *
   * @param inputs what goes in, one element per question
   * @param source the variables' values; one snapshot of it is used
   * @param options what these runs do differently; a timeout counts for each
   * @return an answer to come per question, in the same order; cancelling one stops its work
   */
  public List<CompletableFuture<Prediction>> runAll(
      List<FieldValues> inputs, VariableSource source, CallOptions options) {
    options.parameters().keySet().forEach(this::requireKnown);
    VariableSource snapshot = source.snapshot();
    List<RunRequest.Builder> requests =
        inputs.stream().map(values -> request(values, snapshot, options)).toList();
    return runner.runAll(this, requests, options);
  }

  private RunRequest.Builder request(
      FieldValues inputs, VariableSource source, CallOptions options) {
    requireInputs(inputs);
    RunRequest.Builder request =
        RunRequest.newBuilder()
            .setProgram(name())
            .setInputs(WireData.map("input", inputs.asMap()))
            .setParameters(parameters(source, options))
            .addAllPredictors(overrides.values());
    for (String variable : variables()) {
      Object value = source.lookup(variable);
      if (value != null) {
        request.putVariables(variable, WireValues.of(value));
      }
    }
    return request;
  }

  /** Every variable the program is known to read. */
  private Set<String> variables() {
    Set<String> variables = new TreeSet<>(description.getVariablesList());
    description.getBindingsList().forEach(binding -> variables.add(binding.getVariable()));
    return variables;
  }

  private void requireInputs(FieldValues inputs) {
    Set<String> missing = new TreeSet<>(signature.inputNames());
    signature.inputs().stream()
        .filter(field -> field.optional())
        .forEach(field -> missing.remove(field.name()));
    missing.removeAll(inputs.names());
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: expected values for %s, got only %s".formatted(this, missing, inputs.names()));
    }
  }

  private DataMap parameters(VariableSource source, CallOptions options) {
    Map<String, @Nullable Object> parameters = new LinkedHashMap<>(fixed);
    bound.forEach(
        (parameter, binding) -> {
          Object value = source.lookup(binding.variable());
          if (value != null) {
            parameters.put(parameter, value);
          } else if (binding.required()) {
            throw new VariableNotFoundException(binding.variable(), source.describe());
          }
        });
    parameters.putAll(options.parameters());
    return WireData.map("parameter", parameters);
  }

  /**
   * The signature of one of the predictors, or of the program itself where Python names no such
   * one.
   */
  Signature signatureOf(String predictor) {
    return predictorNames().contains(predictor) ? signature(predictor) : signature;
  }

  @Override
  public String toString() {
    return "BridgedProgram(%s, %s)".formatted(name(), pythonType());
  }
}
