package io.trimtab.evaluate;

import io.trimtab.evaluate.Evaluation.Row;
import io.trimtab.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of an evaluation with one column per field. */
final class ResultTable {

  private static final String ERROR = "error";
  private static final int CELL = 40;
  private static final int ERROR_CELL = 120;

  private final List<String> columns;
  private final List<Map<String, @Nullable Object>> rows;

  private ResultTable(List<String> columns, List<Map<String, @Nullable Object>> rows) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Lays out the rows; a name that is both a label and an output becomes two columns. */
  static ResultTable of(Evaluation evaluation) {
    Set<String> given = new LinkedHashSet<>();
    Set<String> predicted = new LinkedHashSet<>();
    for (Row row : evaluation.rows()) {
      given.addAll(row.example().values().names());
      if (row.prediction() != null) {
        predicted.addAll(row.prediction().values().names());
      }
    }
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    Set<String> columns = new LinkedHashSet<>();
    for (Row row : evaluation.rows()) {
      Map<String, @Nullable Object> cells = cells(row, given, predicted, evaluation.metric());
      columns.addAll(cells.keySet());
      rows.add(cells);
    }
    return new ResultTable(List.copyOf(columns), rows);
  }

  private static Map<String, @Nullable Object> cells(
      Row row, Set<String> given, Set<String> predicted, String metric) {
    Map<String, @Nullable Object> cells = new LinkedHashMap<>();
    cells.put("index", (long) row.index());
    for (String name : given) {
      String column = predicted.contains(name) ? "example_" + name : name;
      cells.put(column, row.example().values().asMap().get(name));
    }
    for (String name : predicted) {
      String column = given.contains(name) ? "pred_" + name : name;
      cells.put(
          column, row.prediction() == null ? null : row.prediction().values().asMap().get(name));
    }
    cells.put(metric, row.score());
    cells.put(ERROR, row.error() == null ? null : Failures.words(row.error()));
    return cells;
  }

  String text(int maxRows) {
    List<Map<String, @Nullable Object>> shown = rows.subList(0, Math.min(maxRows, rows.size()));
    Map<String, Integer> widths = new LinkedHashMap<>();
    for (String column : columns) {
      int width = column.length();
      for (Map<String, @Nullable Object> row : shown) {
        width = Math.max(width, cell(column, row.get(column)).length());
      }
      widths.put(column, width);
    }
    StringBuilder out = new StringBuilder();
    Map<String, String> header = new LinkedHashMap<>();
    columns.forEach(column -> header.put(column, column));
    line(out, widths, header);
    widths.values().forEach(width -> out.append("-".repeat(width)).append("  "));
    newline(out);
    shown.forEach(row -> line(out, widths, row));
    if (shown.size() < rows.size()) {
      out.append("... ").append(rows.size() - shown.size()).append(" more rows");
      newline(out);
    }
    return out.toString();
  }

  private static void line(StringBuilder out, Map<String, Integer> widths, Map<String, ?> row) {
    widths.forEach(
        (column, width) -> {
          String cell = cell(column, row.get(column));
          out.append(cell).append(" ".repeat(width - cell.length())).append("  ");
        });
    newline(out);
  }

  private static void newline(StringBuilder out) {
    while (out.length() > 0 && out.charAt(out.length() - 1) == ' ') {
      out.setLength(out.length() - 1);
    }
    out.append(System.lineSeparator());
  }

  private static String cell(String column, @Nullable Object value) {
    int most = column.equals(ERROR) ? ERROR_CELL : CELL; // the last column has room
    String text = value == null ? "" : String.valueOf(value).replaceAll("\\s+", " ");
    return text.length() <= most ? text : text.substring(0, most - 3) + "...";
  }

  String csv() {
    StringBuilder out = new StringBuilder();
    out.append(String.join(",", columns.stream().map(ResultTable::quoted).toList()));
    out.append("\r\n");
    for (Map<String, @Nullable Object> row : rows) {
      List<String> cells =
          columns.stream().map(column -> row.get(column)).map(ResultTable::quoted).toList();
      out.append(String.join(",", cells)).append("\r\n");
    }
    return out.toString();
  }

  private static String quoted(@Nullable Object value) {
    String text =
        value instanceof List || value instanceof Map
            ? Json.write(value)
            : value == null ? "" : String.valueOf(value);
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  String json(Evaluation evaluation) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("metric", evaluation.metric());
    double score = evaluation.score();
    tree.put("score", Double.isNaN(score) ? null : (Object) score);
    tree.put("failures", (long) evaluation.failures());
    tree.put("tokens", evaluation.usage().total());
    tree.put("cost", evaluation.cost().isPresent() ? evaluation.cost().getAsDouble() : null);
    tree.put("seconds", evaluation.elapsed().toNanos() / 1e9);
    tree.put("rows", rows);
    return Json.writePretty(tree);
  }
}
