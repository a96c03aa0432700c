package io.trimtab.study;

import io.trimtab.json.Json;
import io.trimtab.space.Parameter;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.VariableType;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A study in the file format of Optuna's {@code JournalStorage}. */
final class OptunaJournal {
  /*
   * The file is a log of operations, one JSON object per line; CREATE_TRIAL (4) takes a finished trial whole. Parameters are
   * written in Optuna's internal form: numbers as they are, options by index into the choices of their distribution. Optuna has
   * no rules and no conditions in a space, so those are left out, and a trial simply lacks its inactive parameters. Its journal
   * knows no stale trials (they are written as failed), and JSON no NaN among intermediate values (left out).
   */

  private static final String WORKER = "trimtab";
  private static final int CREATE_STUDY = 0;
  private static final int SET_STUDY_USER_ATTR = 2;
  private static final int CREATE_TRIAL = 4;
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Study study;
  private final List<Trial> trials;
  private final Map<String, Distribution> distributions = new LinkedHashMap<>();

  /** Optuna's description of a parameter; choices are null for numbers. */
  private record Distribution(String json, @Nullable List<Object> choices) {}

  OptunaJournal(Study study, List<Trial> trials) {
    this.study = study;
    this.trials = trials;
    for (Parameter parameter : study.space().parameters()) {
      distributions.put(parameter.name(), distribution(parameter));
    }
  }

  String text() {
    StringBuilder out = new StringBuilder();
    Map<String, Object> create = operation(CREATE_STUDY);
    create.put("study_name", study.name());
    create.put("directions", study.goals().stream().map(OptunaJournal::direction).toList());
    line(out, create);
    study
        .attributes()
        .forEach(
            (key, value) -> {
              Map<String, Object> note = operation(SET_STUDY_USER_ATTR);
              note.put("study_id", 0);
              note.put("user_attr", Map.of(key, value));
              line(out, note);
            });
    trials.forEach(trial -> line(out, create(trial)));
    return out.toString();
  }

  private static void line(StringBuilder out, Map<String, ? extends @Nullable Object> operation) {
    out.append(Json.write(operation)).append('\n');
  }

  private static Map<String, Object> operation(int code) {
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("op_code", code);
    operation.put("worker_id", WORKER);
    return operation;
  }

  private static int direction(Goal goal) {
    return goal.direction() == Direction.MINIMIZE ? 1 : 2;
  }

  private static int state(Trial trial) {
    return switch (trial.state()) {
      case RUNNING -> 0;
      case COMPLETE -> 1;
      case PRUNED -> 2;
      case FAILED, STALE -> 3;
      case WAITING -> 4;
    };
  }

  private Map<String, @Nullable Object> create(Trial trial) {
    Map<String, @Nullable Object> create = new LinkedHashMap<>(operation(CREATE_TRIAL));
    boolean waiting = trial.state() == TrialState.WAITING;
    create.put("study_id", 0);
    create.put("state", state(trial));
    create.put("datetime_start", waiting ? null : time(trial.startedAt()));
    Instant end = trial.finishedAt();
    if (end != null) {
      create.put("datetime_complete", time(end));
    }
    boolean several = study.goals().size() > 1 && !trial.scores().isEmpty();
    create.put("value", several ? null : value(trial));
    create.put("values", several ? trial.scores() : null);
    Map<String, Object> described = new LinkedHashMap<>();
    Map<String, Object> internal = new LinkedHashMap<>();
    Map<String, Object> external = new LinkedHashMap<>();
    trial
        .configuration()
        .toMap()
        .forEach(
            (name, value) -> {
              Distribution distribution = distributions.get(name);
              if (distribution != null) {
                described.put(name, distribution.json());
                List<Object> choices = distribution.choices();
                Object choice = choices == null ? value : choice(value);
                internal.put(name, choices == null ? value : choices.indexOf(choice));
                external.put(name, choice);
              }
            });
    create.put("distributions", waiting ? Map.of() : described);
    create.put("params", waiting ? Map.of() : internal);
    create.put("user_attrs", userAttributes(trial));
    create.put("system_attrs", systemAttributes(trial, waiting ? external : null));
    create.put("intermediate_values", intermediateValues(trial));
    return create;
  }

  /** As in Optuna, a pruned trial is worth what it reported last. */
  private static @Nullable Double value(Trial trial) {
    if (trial.state() == TrialState.PRUNED) {
      return trial
          .lastReport()
          .map(IntermediateValue::value)
          .filter(value -> Double.isFinite(value))
          .orElse(null);
    }
    return trial.scores().isEmpty() ? null : trial.score();
  }

  private static String time(Instant instant) {
    return MICROSECONDS.format(instant);
  }

  private static Map<String, Object> userAttributes(Trial trial) {
    Map<String, Object> attributes = new LinkedHashMap<>(trial.attributes());
    if (!trial.cost().equals(Cost.NONE)) {
      attributes.put("tokens", trial.cost().tokens());
      attributes.put("money", trial.cost().money());
    }
    String failure = trial.failure();
    if (failure != null) {
      attributes.put("failure", failure);
    }
    return attributes;
  }

  private Map<String, Object> systemAttributes(
      Trial trial, @Nullable Map<String, Object> fixedParameters) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    if (fixedParameters != null) {
      attributes.put("fixed_params", fixedParameters);
    }
    List<Integer> history = new ArrayList<>();
    OptionalInt earlier = trial.retryOf();
    while (earlier.isPresent()) {
      history.add(0, earlier.getAsInt());
      earlier = trials.get(earlier.getAsInt()).retryOf();
    }
    if (!history.isEmpty()) {
      attributes.put("failed_trial", history.get(0));
      attributes.put("retry_history", history);
    }
    return attributes;
  }

  private static Map<String, Object> intermediateValues(Trial trial) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (IntermediateValue report : trial.intermediateValues()) {
      if (Double.isFinite(report.value())) {
        values.put(Integer.toString(report.step()), report.value());
      }
    }
    return values;
  }

  private Distribution distribution(Parameter parameter) {
    VariableType type = parameter.variable().type();
    boolean varies = parameter.axis().varies();
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    if (varies && parameter.variable().domain() instanceof FloatDomain floats) {
      attributes.put("step", floats.step() > 0 ? floats.step() : null);
      attributes.put("low", floats.min());
      attributes.put("high", floats.max());
      attributes.put("log", floats.scale() == Scale.LOG);
      return new Distribution(named("FloatDistribution", attributes), null);
    }
    if (varies && parameter.variable().domain() instanceof IntegerDomain integers) {
      boolean log = integers.scale() == Scale.LOG;
      attributes.put("log", log);
      attributes.put("step", log ? 1 : Math.max(1, integers.step()));
      attributes.put("low", integers.min());
      attributes.put("high", integers.max());
      return new Distribution(named("IntDistribution", attributes), null);
    }
    List<Object> choices = choices(parameter, type);
    attributes.put("choices", choices);
    return new Distribution(named("CategoricalDistribution", attributes), choices);
  }

  private List<Object> choices(Parameter parameter, VariableType type) {
    Set<Object> choices = new LinkedHashSet<>();
    if (type != VariableType.FLOAT && type != VariableType.INTEGER) {
      for (long cell = 0; cell < parameter.axis().cells(); cell++) {
        choices.add(choice(parameter.axis().valueAt(cell)));
      }
    }
    for (Trial trial : trials) {
      Object value = trial.configuration().lookup(parameter.name());
      if (value != null) {
        choices.add(choice(value));
      }
    }
    choices.add(choice(parameter.variable().defaultValue()));
    return List.copyOf(choices);
  }

  /** Optuna's choices are texts, numbers and booleans; other values stand as their text. */
  private static Object choice(Object value) {
    return value instanceof Boolean || value instanceof Number ? value : value.toString();
  }

  private static String named(String name, Map<String, @Nullable Object> attributes) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", name);
    tree.put("attributes", attributes);
    return Json.write(tree);
  }
}
