package io.trimtab.program;

import io.trimtab.lm.LmCapability;
import io.trimtab.lm.Message;
import io.trimtab.lm.ResponseFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks for one JSON object with a key per output: the sturdier form where the model enforces a
 * schema. Prompts are byte for byte those of DSPy's {@code JSONAdapter}.
 *
 * <p>A model that honours schemas gets a strict one, unless an output is open-ended (a map, a bare
 * list, anything); one that only honours JSON is asked for an object; any other is asked in words.
 * Reading forgives code fences, prose around the object, trailing commas, Python's literals and an
 * end that was cut off.
 */
public final class JsonAdapter implements Adapter {

  /** Creates the adapter; it has no settings. */
  public JsonAdapter() {}

  @Override
  public String name() {
    return "json";
  }

  @Override
  public List<Message> prompt(
      Signature signature, List<Demonstration> demonstrations, FieldValues inputs) {
    return PromptText.conversation(
        signature,
        demonstrations,
        inputs,
        structure(signature),
        values -> answer(signature, values),
        requirements(signature));
  }

  private static String structure(Signature signature) {
    Map<String, Object> template = new LinkedHashMap<>();
    for (Field field : signature.outputs()) {
      template.put(field.name(), PromptText.placeholder(field, /* output= */ true));
    }
    return PromptText.joined(
        List.of(
            "All interactions will be structured in the following way, with the appropriate values"
                + " filled in.",
            "Inputs will have the following structure:",
            ChatAdapter.template(signature.inputs(), /* output= */ false),
            "Outputs will be a JSON object with the following fields.",
            PythonText.prettyJson(template)));
  }

  private static String answer(Signature signature, FieldValues values) {
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    for (Field field : signature.outputs()) {
      answer.put(
          field.name(),
          values.has(field.name()) ? values.get(field.name()) : PromptText.NOT_SUPPLIED);
    }
    return PythonText.prettyJson(answer);
  }

  @Override
  public String requirements(Signature signature) {
    return signature.outputs().stream()
        .map(field -> "`" + field.name() + "`" + PromptText.typeHint(field))
        .collect(
            Collectors.joining(
                ", then ", "Respond with a JSON object in the following order of fields: ", "."));
  }

  @Override
  public ResponseFormat responseFormat(Signature signature, Set<LmCapability> capabilities) {
    Map<String, Object> schema =
        capabilities.contains(LmCapability.JSON_SCHEMA)
            ? JsonSchema.ofOutputs(signature.outputs())
            : null;
    if (schema != null) {
      return ResponseFormat.jsonSchema("outputs", schema);
    }
    return capabilities.contains(LmCapability.JSON_OBJECT)
        ? ResponseFormat.JSON
        : ResponseFormat.TEXT;
  }

  @Override
  public FieldValues parse(Signature signature, String text) {
    AnswerReader reader = new AnswerReader(name(), signature, text);
    Map<?, ?> object = LenientJson.firstObject(text);
    if (object == null) {
      throw reader.failure("there is no JSON object in the answer");
    }
    Map<String, @Nullable Object> found = new LinkedHashMap<>();
    object.forEach((key, value) -> found.put(String.valueOf(key), value));
    return reader.read(found);
  }

  @Override
  public String toString() {
    return "JsonAdapter";
  }
}
