package io.trimtab.study;

import io.trimtab.json.Json;
import io.trimtab.space.Axis;
import io.trimtab.space.Parameter;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.VariableType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the script of the HTML page draws: the study as columns, one entry per trial. */
final class ReportData {

  private final Study study;
  private final List<Trial> trials;

  ReportData(Study study, List<Trial> trials) {
    this.study = study;
    this.trials = trials;
  }

  /** The data as JSON that can stand in a script element: nothing in it can end the element. */
  String json() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", study.name());
    tree.put("goals", study.goals().stream().map(ReportData::tree).toList());
    List<Column> columns = study.space().parameters().stream().map(this::column).toList();
    tree.put("parameters", columns.stream().map(Column::tree).toList());
    tree.put("trials", columns(columns));
    tree.put("front", study.paretoFront().stream().map(Trial::number).toList());
    List<ParameterImportance> importance =
        IntStream.range(0, study.goals().size())
            .mapToObj(goal -> ParameterImportance.of(study, goal))
            .toList();
    tree.put("importance", importance.stream().map(this::shares).toList());
    tree.put(
        "hasImportance",
        importance.stream()
            .anyMatch(one -> one.shares().values().stream().anyMatch(share -> share > 0)));
    return Json.write(tree).replace("<", "\\u003c");
  }

  private static Map<String, Object> tree(Goal goal) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", goal.name());
    tree.put("direction", goal.direction().name());
    return tree;
  }

  private List<@Nullable Double> shares(ParameterImportance importance) {
    List<@Nullable Double> shares = new ArrayList<>();
    for (Parameter parameter : study.space().parameters()) {
      shares.add(importance.shares().get(parameter.name()));
    }
    return shares;
  }

  /** A parameter as the page shows it, and its values as they stand in the data. */
  private record Column(Map<String, @Nullable Object> tree, List<@Nullable Object> values) {}

  private Column column(Parameter parameter) {
    VariableType type = parameter.variable().type();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", parameter.name());
    if (type == VariableType.FLOAT || type == VariableType.INTEGER) {
      Axis axis = parameter.axis();
      tree.put("log", isLog(parameter));
      tree.put("min", axis.varies() ? axis.decode(0) : null);
      tree.put("max", axis.varies() ? axis.decode(1) : null);
      return new Column(tree, each(trial -> number(value(trial, parameter))));
    }
    Set<String> options = options(parameter);
    List<String> listed = List.copyOf(options);
    tree.put("options", listed);
    Map<String, Integer> index = new LinkedHashMap<>();
    listed.forEach(option -> index.put(option, index.size()));
    return new Column(
        tree,
        each(
            trial -> {
              Object value = value(trial, parameter);
              return value == null ? null : index.get(value.toString());
            }));
  }

  private static boolean isLog(Parameter parameter) {
    return parameter.variable().domain() instanceof FloatDomain floats
        ? floats.scale() == Scale.LOG
        : parameter.variable().domain() instanceof IntegerDomain integers
            && integers.scale() == Scale.LOG;
  }

  /** The options in their order, or, of a parameter without a list, the values that were tried. */
  private Set<String> options(Parameter parameter) {
    Set<String> options = new LinkedHashSet<>();
    for (long cell = 0; cell < parameter.axis().cells(); cell++) {
      options.add(parameter.axis().valueAt(cell).toString());
    }
    for (Trial trial : trials) {
      Object value = value(trial, parameter);
      if (value != null) {
        options.add(value.toString());
      }
    }
    return options;
  }

  private static @Nullable Object value(Trial trial, Parameter parameter) {
    return trial.configuration().lookup(parameter.name());
  }

  private Map<String, Object> columns(List<Column> parameters) {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("number", each(Trial::number));
    columns.put("state", each(trial -> trial.state().name()));
    columns.put(
        "scores",
        IntStream.range(0, study.goals().size())
            .mapToObj(goal -> each(trial -> score(trial, goal)))
            .toList());
    columns.put("start", each(trial -> trial.startedAt().toEpochMilli()));
    columns.put("end", each(trial -> millis(trial.finishedAt())));
    columns.put("tokens", each(trial -> trial.cost().tokens()));
    columns.put("money", each(trial -> number(trial.cost().money())));
    columns.put("failure", each(Trial::failure));
    columns.put("note", each(ReportData::note));
    columns.put("reports", each(ReportData::reports));
    columns.put("values", parameters.stream().map(Column::values).toList());
    return columns;
  }

  private List<@Nullable Object> each(Function<Trial, @Nullable Object> property) {
    List<@Nullable Object> column = new ArrayList<>(trials.size());
    for (Trial trial : trials) {
      column.add(property.apply(trial));
    }
    return column;
  }

  private static @Nullable Object score(Trial trial, int goal) {
    return trial.scores().isEmpty() ? null : trial.scores().get(goal);
  }

  private static @Nullable Object millis(@Nullable Instant instant) {
    return instant == null ? null : instant.toEpochMilli();
  }

  /** JSON has no NaN, and a page has no better picture of it than a gap. */
  private static @Nullable Object number(@Nullable Object value) {
    return value instanceof Double number && !Double.isFinite(number) ? null : value;
  }

  private static List<Object> reports(Trial trial) {
    List<Object> reports = new ArrayList<>();
    for (IntermediateValue report : trial.intermediateValues()) {
      List<@Nullable Object> pair = new ArrayList<>();
      pair.add(report.step());
      pair.add(number(report.value()));
      reports.add(pair);
    }
    return reports;
  }

  private static String note(Trial trial) {
    List<String> notes = new ArrayList<>();
    trial.retryOf().ifPresent(number -> notes.add("retry of " + number));
    if (trial.late()) {
      notes.add("told late");
    }
    trial
        .attributes()
        .forEach((key, value) -> notes.add("%s %s".formatted(key.replace('_', ' '), value)));
    return String.join(", ", notes);
  }
}
