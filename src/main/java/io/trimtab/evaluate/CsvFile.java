package io.trimtab.evaluate;

import io.trimtab.program.Example;
import io.trimtab.program.FieldValues;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads comma-separated values as RFC 4180 has them. */
final class CsvFile {
  /*
   * One pass over the text. A field in quotes may hold commas, line breaks and doubled quotes; a quote anywhere else
   * is an error, and so is a row with more or fewer fields than the header: guessing would shift labels silently.
   */

  private final DatasetFile file;
  private final String text;
  private int at;
  private long line = 1;

  private CsvFile(DatasetFile file) {
    this.file = file;
    this.text = file.unmarked();
  }

  static List<Example> read(DatasetFile file, Set<String> inputs) {
    return new CsvFile(file).examples(inputs);
  }

  private List<Example> examples(Set<String> inputs) {
    if (text.isEmpty()) {
      throw file.problem(1, "expected a header line", null);
    }
    List<String> header = row();
    checkHeader(header, inputs);
    List<Example> examples = new ArrayList<>();
    while (at < text.length()) {
      long start = line;
      List<String> row = row();
      if (row.size() == 1 && row.get(0).isEmpty()) {
        continue; // a blank line, as many files have at their end
      }
      examples.add(example(header, row, inputs, start));
      if (examples.size() > Dataset.MAX_ROWS) {
        throw file.problem(start, "expected at most " + Dataset.MAX_ROWS + " rows", null);
      }
    }
    return examples;
  }

  private void checkHeader(List<String> header, Set<String> inputs) {
    if (new HashSet<>(header).size() < header.size()) {
      throw file.problem(1, "expected distinct columns, got " + header, null);
    }
    if (!header.containsAll(inputs)) {
      throw file.problem(
          1, "expected the inputs %s, got the columns %s".formatted(inputs, header), null);
    }
  }

  private Example example(List<String> header, List<String> row, Set<String> inputs, long start) {
    if (row.size() != header.size()) {
      throw file.problem(
          start, "expected %d fields, got %d".formatted(header.size(), row.size()), null);
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < row.size(); i++) {
      values.put(header.get(i), row.get(i));
    }
    return new Example(FieldValues.of(values), inputs);
  }

  private List<String> row() {
    List<String> row = new ArrayList<>();
    while (true) {
      row.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
      if (at >= text.length()) {
        return row;
      }
      char end = text.charAt(at++);
      if (end == '\r' && at < text.length() && text.charAt(at) == '\n') {
        at++;
      }
      if (end != ',') {
        line++;
        return row;
      }
    }
  }

  private String plain() {
    int start = at;
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      if (text.charAt(at) == '"') {
        throw file.problem(line, "a quote inside a field that does not start with one", null);
      }
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted() {
    long start = line;
    StringBuilder field = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\n') {
        line++;
      }
      if (c != '"') {
        field.append(c);
      } else if (at < text.length() && text.charAt(at) == '"') {
        field.append('"');
        at++;
      } else {
        return closed(field, start);
      }
    }
    throw file.problem(start, "a quoted field is never closed", null);
  }

  private String closed(StringBuilder field, long start) {
    if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      throw file.problem(start, "text after the closing quote of a field", null);
    }
    return field.toString();
  }
}
