package io.trimtab.program;

import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.VariableSource;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The parameters of one program, each fixed or bound to a variable. Immutable. */
final class Settings {

  /** One parameter's setting. */
  private sealed interface Setting {}

  private record Fixed(Object value) implements Setting {}

  /**
   * A parameter that follows a variable.
   *
   * @param optional whether {@code otherwise} stands in where the variable has no value
   * @param otherwise the fixed value from before the binding
   */
  private record Bound(
      String variable, boolean optional, @Nullable Object otherwise, @Nullable Watched watched)
      implements Setting {}

  /** What a listener compares with: the only thing about a program that changes. */
  private static final class Watched {

    private static final Object NOTHING_SEEN = new Object();

    private final BindingListener listener;
    private final AtomicReference<@Nullable Object> last = new AtomicReference<>(NOTHING_SEEN);

    Watched(BindingListener listener) {
      this.listener = listener;
    }

    void saw(String parameter, @Nullable Object now) {
      Object before = last.getAndSet(now);
      if (before != NOTHING_SEEN && !Objects.equals(before, now)) {
        listener.changed(parameter, before, now);
      }
    }
  }

  private final String owner;
  private final Set<Parameter> known;
  private final Map<Parameter, Setting> settings;

  private Settings(String owner, Set<Parameter> known, Map<Parameter, Setting> settings) {
    this.owner = owner;
    this.known = known;
    this.settings = settings;
  }

  static Settings none(String owner, Set<Parameter> known) {
    return new Settings(
        owner, Collections.unmodifiableSet(EnumSet.copyOf(known)), new EnumMap<>(Parameter.class));
  }

  Settings ownedBy(String other) {
    return new Settings(other, known, settings);
  }

  Set<String> names() {
    return Parameter.names(known);
  }

  Settings with(String name, Object value) {
    Parameter parameter = Parameter.of(name, known, owner);
    Object canonical = parameter.canonical(value);
    if (canonical == null) {
      throw new IllegalArgumentException(
          "parameter %s of %s: expected %s, got %s"
              .formatted(name, owner, parameter.expected(), value));
    }
    return changed(parameter, new Fixed(canonical));
  }

  Settings bind(
      String name, String variable, boolean optional, @Nullable BindingListener listener) {
    Parameter parameter = Parameter.of(name, known, owner);
    return changed(
        parameter,
        new Bound(
            variable,
            optional,
            fixedValue(parameter),
            listener == null ? null : new Watched(listener)));
  }

  /** Takes a binding away; the fixed value from before it counts again. */
  Settings unbind(String name) {
    Parameter parameter = Parameter.of(name, known, owner);
    if (!(settings.get(parameter) instanceof Bound)) {
      throw new IllegalArgumentException(
          "parameter %s of %s is not bound, bound are %s".formatted(name, owner, bindings()));
    }
    Object value = fixedValue(parameter);
    return value == null ? without(parameter) : changed(parameter, new Fixed(value));
  }

  private @Nullable Object fixedValue(Parameter parameter) {
    Setting setting = settings.get(parameter);
    if (setting instanceof Fixed fixed) {
      return fixed.value();
    }
    return setting instanceof Bound bound ? bound.otherwise() : null;
  }

  private Settings changed(Parameter parameter, Setting setting) {
    Map<Parameter, Setting> copy = new EnumMap<>(Parameter.class);
    copy.putAll(settings);
    copy.put(parameter, setting);
    return new Settings(owner, known, copy);
  }

  private Settings without(Parameter parameter) {
    Map<Parameter, Setting> copy = new EnumMap<>(Parameter.class);
    copy.putAll(settings);
    copy.remove(parameter);
    return new Settings(owner, known, copy);
  }

  /** Returns the bound parameters and their variables. */
  Map<String, String> bindings() {
    Map<String, String> bindings = new LinkedHashMap<>();
    settings.forEach(
        (parameter, setting) -> {
          if (setting instanceof Bound bound) {
            bindings.put(parameter.key(), bound.variable());
          }
        });
    return Collections.unmodifiableMap(bindings);
  }

  /** Returns the bindings that tolerate a variable without a value. */
  Set<String> optionalBindings() {
    Set<String> names = new LinkedHashSet<>();
    settings.forEach(
        (parameter, setting) -> {
          if (setting instanceof Bound bound && bound.optional()) {
            names.add(parameter.key());
          }
        });
    return names;
  }

  /** Returns the fixed values, those below a binding included. */
  Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    for (Parameter parameter : settings.keySet()) {
      Object value = fixedValue(parameter);
      if (value != null) {
        config.put(parameter.key(), value);
      }
    }
    return Collections.unmodifiableMap(config);
  }

  /**
   * Returns what holds for one run: a call's own values over variables over fixed values.
   *
   * @param snapshot a frozen source, so that all values belong together
   */
  ResolvedParameters resolve(VariableSource snapshot, CallOptions call) {
    EnumMap<Parameter, ResolvedParameters.Entry> resolved = new EnumMap<>(Parameter.class);
    for (Map.Entry<Parameter, Setting> entry : settings.entrySet()) {
      ResolvedParameters.Entry value = resolve(entry.getKey(), entry.getValue(), snapshot);
      if (value != null) {
        resolved.put(entry.getKey(), value);
      }
    }
    if (!call.parameters().isEmpty()) {
      override(resolved, call);
    }
    return new ResolvedParameters(owner, resolved);
  }

  private ResolvedParameters.@Nullable Entry resolve(
      Parameter parameter, Setting setting, VariableSource snapshot) {
    if (setting instanceof Fixed fixed) {
      return new ResolvedParameters.Entry(
          fixed.value(), ResolvedParameters.Origin.PROGRAM, /* variable= */ null);
    }
    Bound bound = (Bound) setting;
    Object value = snapshot.lookup(bound.variable());
    if (value == null) {
      return standIn(parameter, bound, snapshot);
    }
    Object canonical = parameter.canonical(value);
    if (canonical == null) {
      throw new ParameterValueException(
          owner, parameter.key(), bound.variable(), parameter.expected(), value);
    }
    if (bound.watched() != null) {
      bound.watched().saw(parameter.key(), canonical);
    }
    return new ResolvedParameters.Entry(
        canonical, ResolvedParameters.Origin.VARIABLE, bound.variable());
  }

  private static ResolvedParameters.@Nullable Entry standIn(
      Parameter parameter, Bound bound, VariableSource snapshot) {
    if (!bound.optional()) {
      throw new VariableNotFoundException(bound.variable(), snapshot.describe());
    }
    if (bound.watched() != null) {
      bound.watched().saw(parameter.key(), null);
    }
    return bound.otherwise() == null
        ? null
        : new ResolvedParameters.Entry(
            bound.otherwise(), ResolvedParameters.Origin.PROGRAM, /* variable= */ null);
  }

  private void override(EnumMap<Parameter, ResolvedParameters.Entry> resolved, CallOptions call) {
    for (Parameter parameter : known) {
      Object value = call.parameters().get(parameter.key());
      if (value == null) {
        continue;
      }
      Object canonical = parameter.canonical(value);
      if (canonical == null) {
        throw new ParameterValueException(
            owner, parameter.key(), /* variable= */ null, parameter.expected(), value);
      }
      resolved.put(
          parameter,
          new ResolvedParameters.Entry(
              canonical, ResolvedParameters.Origin.CALL, /* variable= */ null));
    }
  }

  @Override
  public String toString() {
    Map<String, Object> shown = Parameter.shown(config());
    bindings().forEach((parameter, variable) -> shown.put(parameter, "<" + variable + ">"));
    return shown.toString();
  }
}
