package io.trimtab.program;

import io.trimtab.lm.LmOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters that hold for one run, and where each value comes from. A parameter that is absent
 * is left to the model.
 *
 * <p>Immutable.
 */
public final class ResolvedParameters {

  /** Who gave a value; a later one wins over an earlier one. */
  public enum Origin {
    /** The program fixes it. */
    PROGRAM,
    /** A variable of the source holds it. */
    VARIABLE,
    /** The call gave it. */
    CALL
  }

  /**
   * A value with its origin.
   *
   * @param variable which variable held it, for {@link Origin#VARIABLE}
   */
  record Entry(Object value, Origin origin, @Nullable String variable) {}

  private final String owner;
  private final EnumMap<Parameter, Entry> entries;

  ResolvedParameters(String owner, EnumMap<Parameter, Entry> entries) {
    this.owner = owner;
    this.entries = entries;
  }

  /**
   * Returns the parameters of a predictor that resolves them elsewhere, such as in another process.
   *
   * @param owner the predictor's name
   * @return no parameters
   */
  public static ResolvedParameters none(String owner) {
    return new ResolvedParameters(owner, new EnumMap<>(Parameter.class));
  }

  /**
   * Returns the values.
   *
   * @return an unmodifiable map from parameter to value
   */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    entries.forEach((parameter, entry) -> values.put(parameter.key(), entry.value()));
    return Collections.unmodifiableMap(values);
  }

  /**
   * Returns who gave a parameter its value.
   *
   * @param parameter the parameter's name
   * @return its origin; empty if it is left to the model
   */
  public Optional<Origin> origin(String parameter) {
    return entries.entrySet().stream()
        .filter(entry -> entry.getKey().key().equals(parameter))
        .map(entry -> entry.getValue().origin())
        .findFirst();
  }

  /**
   * Returns the options a request carries.
   *
   * @return only what is set; everything else is the model's own default
   */
  public LmOptions options() {
    return options(/* timeout= */ null);
  }

  LmOptions options(@Nullable Duration timeout) {
    return new LmOptions(
        /* model= */ null,
        number(Parameter.TEMPERATURE),
        number(Parameter.TOP_P),
        small(Parameter.MAX_TOKENS),
        small(Parameter.N),
        stop(),
        integer(Parameter.SEED),
        number(Parameter.PRESENCE_PENALTY),
        number(Parameter.FREQUENCY_PENALTY),
        integer(Parameter.ROLLOUT_ID),
        timeout,
        /* extra= */ Map.of());
  }

  @Nullable Object value(Parameter parameter) {
    Entry entry = entries.get(parameter);
    return entry == null ? null : entry.value();
  }

  @Nullable String text(Parameter parameter) {
    return (String) value(parameter);
  }

  boolean truth(Parameter parameter, boolean fallback) {
    Object value = value(parameter);
    return value == null ? fallback : (Boolean) value;
  }

  int count(Parameter parameter, int fallback) {
    Object value = value(parameter);
    return value == null ? fallback : (int) (long) (Long) value;
  }

  private @Nullable Double number(Parameter parameter) {
    return (Double) value(parameter);
  }

  private @Nullable Long integer(Parameter parameter) {
    return (Long) value(parameter);
  }

  private @Nullable Integer small(Parameter parameter) {
    Object value = value(parameter);
    return value == null ? null : (Integer) (int) (long) (Long) value;
  }

  @SuppressWarnings("unchecked") // Parameter.canonical turned the value into a list of texts
  private @Nullable List<String> stop() {
    return (List<String>) value(Parameter.STOP);
  }

  /** Describes a value that was of the right type but names nothing. */
  ParameterValueException meaningless(Parameter parameter, String expected) {
    Entry entry = entries.get(parameter);
    return new ParameterValueException(
        owner,
        parameter.key(),
        entry == null ? null : entry.variable(),
        expected,
        entry == null ? null : entry.value());
  }

  @Override
  public String toString() {
    return Parameter.shown(values()).toString();
  }
}
