package io.trimtab.program;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * A program whose module is itself a parameter: the same question asked plainly or with reasoning,
 * as a variable says at the start of each run.
 *
 * <pre>{@code
 * Program triage = ModuleProgram.of(predict).bind("module", "strategy");
 * }</pre>
 *
 * <p>Parameters are those of {@link Predict} and {@code module}, a name in the {@link
 * ModuleCatalog}; {@code Predict} otherwise. Immutable; nothing built for one run outlives it, so a
 * changed variable counts from the next run on.
 */
public final class ModuleProgram implements Program {

  private static final String DEFAULT_MODULE = "Predict";
  private static final String OWNER = "the module program";

  private final Predict predict;
  private final ModuleCatalog catalog;
  private final Settings settings;

  private ModuleProgram(Predict predict, ModuleCatalog catalog, Settings settings) {
    this.predict = predict;
    this.catalog = catalog;
    this.settings = settings;
  }

  /**
   * Chooses among the standard modules.
   *
   * @param predict what to ask, of whom and how
   * @return the program
   */
  public static ModuleProgram of(Predict predict) {
    return of(predict, ModuleCatalog.standard());
  }

  /**
   * Chooses among the modules of a catalog.
   *
   * @param predict what to ask, of whom and how
   * @param catalog the modules
   * @return the program
   */
  public static ModuleProgram of(Predict predict, ModuleCatalog catalog) {
    return new ModuleProgram(predict, catalog, Settings.none(OWNER, EnumSet.of(Parameter.MODULE)));
  }

  @Override
  public Prediction forward(FieldValues inputs, Run run) {
    return module(run).forward(inputs, run);
  }

  @Override
  public CompletableFuture<Prediction> forwardAsync(FieldValues inputs, Run run) {
    return module(run).forwardAsync(inputs, run);
  }

  private Program module(Run run) {
    ResolvedParameters parameters = settings.resolve(run.source(), run.options());
    String wanted = parameters.text(Parameter.MODULE);
    if (wanted != null && !catalog.has(wanted)) {
      throw parameters.meaningless(Parameter.MODULE, "one of the modules " + catalog.names());
    }
    return catalog.create(wanted == null ? DEFAULT_MODULE : wanted, predict);
  }

  /** Changes the module's own setting, or hands the parameter down to the predictor. */
  private ModuleProgram changed(
      String parameter, UnaryOperator<Settings> own, UnaryOperator<Predict> below) {
    return parameter.equals(Parameter.MODULE.key())
        ? new ModuleProgram(predict, catalog, own.apply(settings))
        : new ModuleProgram(below.apply(predict), catalog, settings);
  }

  @Override
  public ModuleProgram with(String parameter, Object value) {
    return changed(parameter, s -> s.with(parameter, value), p -> p.with(parameter, value));
  }

  @Override
  public ModuleProgram bind(String parameter, String variable) {
    return changed(
        parameter,
        s -> s.bind(parameter, variable, /* optional= */ false, /* listener= */ null),
        p -> p.bind(parameter, variable));
  }

  @Override
  public ModuleProgram bind(String parameter, String variable, BindingListener listener) {
    return changed(
        parameter,
        s -> s.bind(parameter, variable, /* optional= */ false, listener),
        p -> p.bind(parameter, variable, listener));
  }

  @Override
  public ModuleProgram bindOptional(String parameter, String variable) {
    return changed(
        parameter,
        s -> s.bind(parameter, variable, /* optional= */ true, /* listener= */ null),
        p -> p.bindOptional(parameter, variable));
  }

  @Override
  public ModuleProgram unbind(String parameter) {
    return changed(parameter, s -> s.unbind(parameter), p -> p.unbind(parameter));
  }

  @Override
  public Map<String, String> bindings() {
    Map<String, String> bindings = new LinkedHashMap<>(settings.bindings());
    bindings.putAll(predict.bindings());
    return bindings;
  }

  @Override
  public Set<String> parameters() {
    Set<String> names = new TreeSet<>(predict.parameters());
    names.addAll(settings.names());
    return names;
  }

  @Override
  public List<Predict> predictors() {
    return List.of(predict);
  }

  @Override
  public ModuleProgram withPredictors(UnaryOperator<Predict> change) {
    return new ModuleProgram(change.apply(predict), catalog, settings);
  }

  @Override
  public String toString() {
    return "ModuleProgram(%s, %s)".formatted(settings, predict);
  }
}
