package io.trimtab.evaluate;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.program.Example;
import io.trimtab.program.FieldValues;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Reads one JSON object per line. */
final class JsonLines {

  private JsonLines() {}

  static List<Example> read(DatasetFile file, Set<String> inputs) {
    List<Example> examples = new ArrayList<>();
    long number = 0;
    for (Iterator<String> lines = file.unmarked().lines().iterator(); lines.hasNext(); ) {
      String line = lines.next();
      number++;
      if (!line.isBlank()) {
        examples.add(example(file, number, line, inputs));
      }
      if (examples.size() > Dataset.MAX_ROWS) {
        throw file.problem(number, "expected at most " + Dataset.MAX_ROWS + " rows", null);
      }
    }
    return examples;
  }

  private static Example example(DatasetFile file, long number, String line, Set<String> inputs) {
    try {
      JsonObject object = Json.parseObject(line, JsonLimits.DEFAULT);
      if (!object.keys().containsAll(inputs)) {
        throw file.problem(
            number, "expected the inputs %s, got %s".formatted(inputs, object.keys()), null);
      }
      return new Example(FieldValues.of(object.asMap()), inputs);
    } catch (JsonException e) {
      throw file.problem(number, String.valueOf(e.getMessage()), e);
    }
  }
}
