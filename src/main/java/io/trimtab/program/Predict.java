package io.trimtab.program;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmResponse;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableSource;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Asks a language model one question, as its {@link Signature} says.
 *
 * <pre>{@code
 * Predict triage = Predict.of("ticket -> label: Literal['bug', 'billing']", model)
 *     .with("max_tokens", 64)
 *     .bind("temperature", "llm_temperature");
 * triage.run(Map.of("ticket", "I was charged twice"), session).getString("label");
 * }</pre>
 *
 * <p>Parameters, each fixed by {@link #with} or bound by {@link #bind(String, String)}:
 *
 * <table>
 *   <caption>Parameters</caption>
 *   <tr><th>name</th><th>value</th></tr>
 *   <tr><td>temperature, top_p, presence_penalty, frequency_penalty</td><td>numbers; absent is the
 *   model's default, 0.0 is a value</td></tr>
 *   <tr><td>max_tokens, n, seed, rollout_id</td><td>integers</td></tr>
 *   <tr><td>stop</td><td>a text, or a list of texts</td></tr>
 *   <tr><td>model</td><td>a name in {@link #withModels}; the first one otherwise</td></tr>
 *   <tr><td>instructions</td><td>a key of {@link #withInstructionVariants}, or a text if there are
 *   none</td></tr>
 *   <tr><td>demonstrations</td><td>how many of {@link #withDemonstrations} to show, or the name of a
 *   set of {@link #withDemonstrationSet}; all otherwise</td></tr>
 *   <tr><td>adapter</td><td>chat (otherwise), json, or one of {@link #withAdapter}</td></tr>
 *   <tr><td>repairs</td><td>how often the model may correct an unreadable answer, 0 to 10; 1
 *   otherwise</td></tr>
 *   <tr><td>fallback</td><td>whether the JSON adapter is tried at last; true otherwise</td></tr>
 * </table>
 *
 * <p>Immutable and safe for use by many threads at once; the {@code with} and {@code bind} methods
 * return changed copies.
 */
public final class Predict implements Program {

  private static final int DEFAULT_REPAIRS = 1;
  private static final Adapter CHAT = new ChatAdapter();
  private static final Adapter JSON = new JsonAdapter();
  private static final Set<Parameter> PARAMETERS =
      EnumSet.complementOf(EnumSet.of(Parameter.MODULE));

  private final String name;
  private final Signature signature;
  private final @Nullable Models models;
  private final Settings settings;
  private final Material material;

  /**
   * What the parameters choose from.
   *
   * @param pool the demonstrations of which the first are shown
   */
  private record Material(
      List<Demonstration> pool,
      Map<String, List<Demonstration>> sets,
      Map<String, String> variants,
      Map<String, Adapter> adapters) {}

  private Predict(
      String name,
      Signature signature,
      @Nullable Models models,
      Settings settings,
      Material material) {
    this.name = name;
    this.signature = signature;
    this.models = models;
    this.settings = settings;
    this.material = material;
  }

  /**
   * Creates a predictor without a model; one must be added, or given with each call.
   *
   * @param signature what to ask for
   * @return a predictor named {@code predict}
   */
  public static Predict of(Signature signature) {
    return new Predict(
        "predict",
        signature,
        /* models= */ null,
        Settings.none(owner("predict"), PARAMETERS),
        new Material(List.of(), Map.of(), Map.of(), Map.of(CHAT.name(), CHAT, JSON.name(), JSON)));
  }

  /**
   * Creates a predictor.
   *
   * @param signature what to ask for
   * @param model who answers
   * @return a predictor named {@code predict}
   */
  public static Predict of(Signature signature, LanguageModel model) {
    return of(signature).withModel(model);
  }

  /**
   * Creates a predictor.
   *
   * @param signature what to ask for, as {@link Signature#parse} reads it
   * @param model who answers
   * @return a predictor named {@code predict}
   * @throws SignatureException if the signature cannot be read
   */
  public static Predict of(String signature, LanguageModel model) {
    return of(Signature.parse(signature), model);
  }

  private static String owner(String name) {
    return "predictor \"" + name + "\"";
  }

  private Predict with(Settings changed) {
    return new Predict(name, signature, models, changed, material);
  }

  private Predict with(Material changed) {
    return new Predict(name, signature, models, settings, changed);
  }

  /**
   * Returns a predictor that differs in its name.
   *
   * @param name distinguishes the predictors of one program in traces, paths and saved files
   * @return a new predictor
   */
  public Predict named(String name) {
    return new Predict(name, signature, models, settings.ownedBy(owner(name)), material);
  }

  /**
   * Returns a predictor that asks for something else.
   *
   * @param signature what to ask for
   * @return a new predictor
   */
  public Predict withSignature(Signature signature) {
    return new Predict(name, signature, models, settings, material);
  }

  /**
   * Returns a predictor that asks one model.
   *
   * @param model who answers
   * @return a new predictor
   */
  public Predict withModel(LanguageModel model) {
    return withModels(Models.of(model));
  }

  /**
   * Returns a predictor that asks one of several models.
   *
   * @param models who may answer; a parameter chooses by name
   * @return a new predictor
   */
  public Predict withModels(Models models) {
    return new Predict(name, signature, models, settings, material);
  }

  /**
   * Returns a predictor with other instructions.
   *
   * @param instructions what the model is told to do, unless a parameter says otherwise
   * @return a new predictor
   */
  public Predict withInstructions(String instructions) {
    return withSignature(signature.withInstructions(instructions));
  }

  /**
   * Returns a predictor whose parameter {@code instructions} is a key of a map.
   *
   * @param variants the instructions by key; empty makes the parameter the text itself
   * @return a new predictor
   */
  public Predict withInstructionVariants(Map<String, String> variants) {
    return with(
        new Material(
            material.pool,
            material.sets,
            Collections.unmodifiableMap(new LinkedHashMap<>(variants)),
            material.adapters));
  }

  /**
   * Returns a predictor with other demonstrations.
   *
   * @param demonstrations what to show; the parameter {@code demonstrations} says how many of them
   * @return a new predictor
   */
  public Predict withDemonstrations(List<Demonstration> demonstrations) {
    return with(
        new Material(
            List.copyOf(demonstrations), material.sets, material.variants, material.adapters));
  }

  /**
   * Returns a predictor with one more named set of demonstrations.
   *
   * @param set the name by which the parameter {@code demonstrations} chooses it
   * @param demonstrations what it shows
   * @return a new predictor
   */
  public Predict withDemonstrationSet(String set, List<Demonstration> demonstrations) {
    Map<String, List<Demonstration>> sets = new LinkedHashMap<>(material.sets);
    sets.put(set, List.copyOf(demonstrations));
    return with(
        new Material(
            material.pool,
            Collections.unmodifiableMap(sets),
            material.variants,
            material.adapters));
  }

  /**
   * Returns a predictor that knows one more adapter.
   *
   * @param adapter chosen by the parameter {@code adapter}; replaces an older one of its name
   * @return a new predictor
   */
  public Predict withAdapter(Adapter adapter) {
    Map<String, Adapter> adapters = new LinkedHashMap<>(material.adapters);
    adapters.put(adapter.name(), adapter);
    return with(
        new Material(
            material.pool,
            material.sets,
            material.variants,
            Collections.unmodifiableMap(adapters)));
  }

  @Override
  public Predict with(String parameter, Object value) {
    return with(settings.with(parameter, value));
  }

  @Override
  public Predict bind(String parameter, String variable) {
    return with(settings.bind(parameter, variable, /* optional= */ false, /* listener= */ null));
  }

  @Override
  public Predict bind(String parameter, String variable, BindingListener listener) {
    return with(settings.bind(parameter, variable, /* optional= */ false, listener));
  }

  /**
   * Returns a predictor with a parameter that follows a variable of known type.
   *
   * @param parameter one of {@link #parameters()}
   * @param variable the variable
   * @return a new predictor
   * @throws IllegalArgumentException if there is no such parameter, or no value of the variable
   *     could ever suit it
   */
  public Predict bind(String parameter, Variable<?> variable) {
    Parameter target = Parameter.of(parameter, PARAMETERS, owner(name));
    if (!target.accepts(variable.type())) {
      throw new IllegalArgumentException(
          "parameter %s of %s: expected %s, but the variable \"%s\" is of type %s"
              .formatted(
                  parameter, owner(name), target.expected(), variable.name(), variable.type()));
    }
    return bind(parameter, variable.name());
  }

  @Override
  public Predict bindOptional(String parameter, String variable) {
    return with(settings.bind(parameter, variable, /* optional= */ true, /* listener= */ null));
  }

  @Override
  public Predict unbind(String parameter) {
    return with(settings.unbind(parameter));
  }

  @Override
  public Map<String, String> bindings() {
    return settings.bindings();
  }

  @Override
  public Set<String> parameters() {
    return settings.names();
  }

  @Override
  public List<Predict> predictors() {
    return List.of(this);
  }

  @Override
  public Predict withPredictors(UnaryOperator<Predict> change) {
    return change.apply(this);
  }

  /**
   * Returns the name.
   *
   * @return distinguishes the predictors of one program
   */
  public String name() {
    return name;
  }

  /**
   * Returns what is asked for.
   *
   * @return the signature, with the instructions that hold unless a parameter says otherwise
   */
  public Signature signature() {
    return signature;
  }

  /**
   * Returns what is shown unless the parameter {@code demonstrations} says otherwise.
   *
   * @return the demonstrations in order
   */
  public List<Demonstration> demonstrations() {
    return material.pool;
  }

  /**
   * Returns the parameters that are fixed, those below a binding included.
   *
   * @return an unmodifiable map
   */
  public Map<String, Object> config() {
    return settings.config();
  }

  Set<String> optionalBindings() {
    return settings.optionalBindings();
  }

  /** Returns this predictor with other parameters, all at once. */
  Predict configured(
      Map<String, Object> config, Map<String, String> bindings, Set<String> optional) {
    Settings changed = Settings.none(owner(name), PARAMETERS);
    for (Map.Entry<String, Object> entry : config.entrySet()) {
      changed = changed.with(entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, String> entry : bindings.entrySet()) {
      String parameter = entry.getKey();
      changed =
          changed.bind(
              parameter, entry.getValue(), optional.contains(parameter), /* listener= */ null);
    }
    return with(changed);
  }

  /**
   * Returns the parameters a run would use.
   *
   * @param source the variables' values
   * @param options what the call does differently
   * @return the values and where they come from; what is absent is the model's default
   */
  public ResolvedParameters effective(VariableSource source, CallOptions options) {
    return settings.resolve(source.snapshot(), options);
  }

  @Override
  public Prediction forward(FieldValues inputs, Run run) {
    ResolvedParameters parameters = settings.resolve(run.source(), run.options());
    PredictCall.Plan plan = plan(inputs, parameters, run);
    PredictCall call = new PredictCall(plan);
    while (!call.accept(plan.model().generate(call.request()))) {
      // the call holds its next request
    }
    return recorded(plan, call, parameters, run);
  }

  @Override
  public CompletableFuture<Prediction> forwardAsync(FieldValues inputs, Run run) {
    ResolvedParameters parameters = settings.resolve(run.source(), run.options());
    PredictCall.Plan plan = plan(inputs, parameters, run);
    PredictCall call = new PredictCall(plan);
    CompletableFuture<Prediction> result = new CompletableFuture<>();
    AtomicReference<@Nullable CompletableFuture<LmResponse>> current = new AtomicReference<>();
    whenDone(
        result,
        () -> {
          CompletableFuture<LmResponse> exchange = current.get();
          if (result.isCancelled() && exchange != null) {
            exchange.cancel(/* mayInterruptIfRunning= */ true);
          }
        });
    ask(plan, call, result, current, () -> recorded(plan, call, parameters, run));
    return result;
  }

  private static void ask(
      PredictCall.Plan plan,
      PredictCall call,
      CompletableFuture<Prediction> result,
      AtomicReference<@Nullable CompletableFuture<LmResponse>> current,
      Supplier<Prediction> answer) {
    CompletableFuture<LmResponse> exchange = plan.model().generateAsync(call.request());
    current.set(exchange);
    if (result.isCancelled()) { // cancelled between two exchanges, when nobody saw this one
      exchange.cancel(/* mayInterruptIfRunning= */ true);
    }
    CompletableFuture<Void> unused =
        exchange.handle(
            (response, error) -> {
              try {
                if (error != null) {
                  result.completeExceptionally(error);
                } else if (call.accept(response)) {
                  result.complete(answer.get());
                } else if (!result.isDone()) {
                  ask(plan, call, result, current, answer);
                }
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
              return null;
            });
  }

  private static void whenDone(CompletableFuture<?> future, Runnable action) {
    CompletableFuture<?> unused = future.whenComplete((value, error) -> action.run());
  }

  private Prediction recorded(
      PredictCall.Plan plan, PredictCall call, ResolvedParameters parameters, Run run) {
    Prediction prediction = call.prediction();
    run.record(
        new Step(
            name,
            plan.signature(),
            plan.inputs(),
            prediction.values(),
            parameters,
            call.attempts()));
    return prediction;
  }

  private PredictCall.Plan plan(FieldValues inputs, ResolvedParameters parameters, Run run) {
    Signature asked = signature(parameters);
    Adapter adapter = adapter(parameters);
    boolean fallback = adapter == CHAT && parameters.truth(Parameter.FALLBACK, true);
    return new PredictCall.Plan(
        name,
        asked,
        demonstrations(parameters),
        checked(inputs, asked),
        adapter,
        fallback ? Objects.requireNonNull(material.adapters.get(JSON.name())) : null,
        parameters.count(Parameter.REPAIRS, DEFAULT_REPAIRS),
        model(parameters, run.options()),
        parameters.options(run.options().timeout()));
  }

  private static FieldValues checked(FieldValues inputs, Signature signature) {
    List<String> missing =
        signature.inputs().stream()
            .filter(field -> !inputs.has(field.name()) && !field.optional())
            .map(Field::name)
            .toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "inputs %s are missing for %s, got %s".formatted(missing, signature, inputs.names()));
    }
    return inputs;
  }

  private Signature signature(ResolvedParameters parameters) {
    String wanted = parameters.text(Parameter.INSTRUCTIONS);
    if (wanted == null) {
      return signature;
    }
    if (material.variants.isEmpty()) {
      return signature.withInstructions(wanted);
    }
    String variant = material.variants.get(wanted);
    if (variant == null) {
      throw parameters.meaningless(
          Parameter.INSTRUCTIONS, "one of the variants " + material.variants.keySet());
    }
    return signature.withInstructions(variant);
  }

  private List<Demonstration> demonstrations(ResolvedParameters parameters) {
    Object wanted = parameters.value(Parameter.DEMONSTRATIONS);
    if (wanted == null) {
      return material.pool;
    }
    if (wanted instanceof Long count && count <= material.pool.size()) {
      return material.pool.subList(0, (int) (long) count);
    }
    List<Demonstration> set = wanted instanceof String key ? material.sets.get(key) : null;
    if (set == null) {
      throw parameters.meaningless(
          Parameter.DEMONSTRATIONS,
          "a count in [0, %d] or one of the sets %s"
              .formatted(material.pool.size(), material.sets.keySet()));
    }
    return set;
  }

  private Adapter adapter(ResolvedParameters parameters) {
    String wanted = parameters.text(Parameter.ADAPTER);
    Adapter adapter = wanted == null ? CHAT : material.adapters.get(wanted);
    if (adapter == null) {
      throw parameters.meaningless(
          Parameter.ADAPTER, "one of the adapters " + material.adapters.keySet());
    }
    return adapter;
  }

  private LanguageModel model(ResolvedParameters parameters, CallOptions options) {
    if (options.model() != null) {
      return options.model();
    }
    if (models == null) {
      throw new IllegalStateException(
          owner(name) + " has no model: add one with withModel, or give one with the call");
    }
    String wanted = parameters.text(Parameter.MODEL);
    LanguageModel model = wanted == null ? models.first() : models.find(wanted);
    if (model == null) {
      throw parameters.meaningless(Parameter.MODEL, "one of the models " + models.names());
    }
    return model;
  }

  @Override
  public String toString() {
    return "Predict(%s, %s, %s)".formatted(name, signature, settings);
  }
}
