package io.trimtab.program;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the outputs of one answer and every problem with them. */
final class AnswerReader {

  private final String adapter;
  private final Signature signature;
  private final String rawText;
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  AnswerReader(String adapter, Signature signature, String rawText) {
    this.adapter = adapter;
    this.signature = signature;
    this.rawText = rawText;
  }

  /** Reads what was found for each output; text is interpreted, parsed JSON is converted. */
  FieldValues read(Map<String, ? extends @Nullable Object> found) {
    for (Field field : signature.outputs()) {
      if (found.containsKey(field.name())) {
        convert(field, found.get(field.name()));
      } else if (field.optional()) {
        values.put(field.name(), field.defaultValue());
      } else {
        problems.add("field `%s` is missing".formatted(field.name()));
      }
    }
    if (!problems.isEmpty()) {
      throw failure();
    }
    return FieldValues.of(values);
  }

  private void convert(Field field, @Nullable Object value) {
    if (value == null && field.hasDefault() && !field.type().nullable()) {
      values.put(field.name(), field.defaultValue()); // a strict schema makes models write null
      return;
    }
    try {
      values.put(
          field.name(), value instanceof String text ? field.read(text) : field.coerce(value));
    } catch (ValueReader.Mismatch e) {
      problems.add("field `%s`: %s".formatted(field.name(), e.getMessage()));
    }
  }

  UnreadableAnswerException failure() {
    return new UnreadableAnswerException(adapter, rawText, FieldValues.of(values), problems);
  }

  UnreadableAnswerException failure(String problem) {
    problems.add(problem);
    return failure();
  }
}
