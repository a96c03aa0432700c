package io.trimtab.program;

import io.trimtab.variable.VariableType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be set or bound about a program, under the names DSPy uses. */
enum Parameter {
  TEMPERATURE("temperature", Kind.NUMBER, 0, Double.MAX_VALUE),
  TOP_P("top_p", Kind.NUMBER, Double.MIN_VALUE, 1),
  MAX_TOKENS("max_tokens", Kind.INTEGER, 1, Integer.MAX_VALUE),
  N("n", Kind.INTEGER, 1, Integer.MAX_VALUE),
  STOP("stop", Kind.TEXTS, 0, 0),
  SEED("seed", Kind.INTEGER, Long.MIN_VALUE, Long.MAX_VALUE),
  PRESENCE_PENALTY("presence_penalty", Kind.NUMBER, -2, 2),
  FREQUENCY_PENALTY("frequency_penalty", Kind.NUMBER, -2, 2),
  ROLLOUT_ID("rollout_id", Kind.INTEGER, Long.MIN_VALUE, Long.MAX_VALUE),
  MODEL("model", Kind.TEXT, 0, 0),
  INSTRUCTIONS("instructions", Kind.TEXT, 0, 0),
  DEMONSTRATIONS("demonstrations", Kind.COUNT_OR_TEXT, 0, Integer.MAX_VALUE),
  ADAPTER("adapter", Kind.TEXT, 0, 0),
  REPAIRS("repairs", Kind.INTEGER, 0, 10),
  FALLBACK("fallback", Kind.TRUTH, 0, 0),
  MODULE("module", Kind.TEXT, 0, 0);

  private enum Kind {
    NUMBER,
    INTEGER,
    TEXT,
    TEXTS,
    COUNT_OR_TEXT,
    TRUTH
  }

  private static final Map<String, Parameter> BY_NAME =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Parameter::key, p -> p));

  private static final int LONGEST_SHOWN = 40;

  private final String key;
  private final Kind kind;
  private final double min;
  private final double max;

  Parameter(String key, Kind kind, double min, double max) {
    this.key = key;
    this.kind = kind;
    this.min = min;
    this.max = max;
  }

  String key() {
    return key;
  }

  /** Returns the parameter of a name, one of those an owner knows. */
  static Parameter of(String name, Set<Parameter> known, String owner) {
    Parameter parameter = BY_NAME.get(name);
    if (parameter == null || !known.contains(parameter)) {
      throw unknown(name, names(known), owner);
    }
    return parameter;
  }

  static IllegalArgumentException unknown(String name, Set<String> known, String owner) {
    return new IllegalArgumentException(
        "unknown parameter \"%s\" of %s, known are %s"
            .formatted(name, owner, new TreeSet<>(known)));
  }

  static Set<String> names(Set<Parameter> parameters) {
    return parameters.stream().map(Parameter::key).collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns the value in this parameter's own Java type, or null if it is none of its values. */
  @Nullable Object canonical(@Nullable Object value) {
    return switch (kind) {
      case NUMBER -> number(value);
      case INTEGER -> integer(value);
      case TEXT -> value instanceof String ? value : null;
      case TEXTS -> texts(value);
      case COUNT_OR_TEXT -> value instanceof String ? value : integer(value);
      case TRUTH -> value instanceof Boolean ? value : null;
    };
  }

  private @Nullable Double number(@Nullable Object value) {
    if (!(value instanceof Number number)) {
      return null;
    }
    double wide = number.doubleValue();
    return wide >= min && wide <= max ? wide : null; // also null for NaN
  }

  private @Nullable Long integer(@Nullable Object value) {
    if (!(value instanceof Long || value instanceof Integer || value instanceof Short)) {
      return null;
    }
    long wide = ((Number) value).longValue();
    return wide >= min && wide <= max ? Long.valueOf(wide) : null;
  }

  private static @Nullable List<String> texts(@Nullable Object value) {
    if (value instanceof String text) {
      return List.of(text);
    }
    if (!(value instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
      return null;
    }
    return list.stream().map(String.class::cast).toList();
  }

  /** Tells whether variables of a type can ever hold a value of this parameter. */
  boolean accepts(VariableType type) {
    boolean text =
        type == VariableType.STRING || type == VariableType.CHOICE || type == VariableType.MODULE;
    return switch (kind) {
      case NUMBER -> type == VariableType.FLOAT || type == VariableType.INTEGER;
      case INTEGER -> type == VariableType.INTEGER;
      case TEXT, TEXTS -> text;
      case COUNT_OR_TEXT -> text || type == VariableType.INTEGER;
      case TRUTH -> type == VariableType.BOOLEAN;
    };
  }

  /** Describes the values for an error message. */
  String expected() {
    return switch (kind) {
      case NUMBER -> "a number" + range();
      case INTEGER -> "an integer" + range();
      case TEXT -> "text";
      case TEXTS -> "a text or a list of texts";
      case COUNT_OR_TEXT -> "a count of 0 or more, or the name of a set";
      case TRUTH -> "true or false";
    };
  }

  private String range() {
    if (max >= Integer.MAX_VALUE) {
      return min < 0 ? "" : " of at least " + PythonText.number(min).replaceAll("\\.0$", "");
    }
    return min == Double.MIN_VALUE ? " in (0, " + max + "]" : " in [" + min + ", " + max + "]";
  }

  /**
   * Returns values by parameter as a {@code toString} shows them: a text long enough to be part of
   * a prompt is only counted, since prompts stay out of logs.
   */
  static Map<String, Object> shown(Map<String, ?> values) {
    Map<String, Object> shown = new LinkedHashMap<>();
    values.forEach(
        (name, value) ->
            shown.put(
                name,
                value instanceof String text && text.length() > LONGEST_SHOWN
                    ? "(" + text.length() + " chars)"
                    : value));
    return shown;
  }
}
