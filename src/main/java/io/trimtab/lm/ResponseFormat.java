package io.trimtab.lm;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The form in which the answer is wanted. */
public sealed interface ResponseFormat {

  /** Plain text, the default. */
  Text TEXT = new Text();

  /** Any JSON object. */
  JsonObject JSON = new JsonObject();

  /** Any text. */
  record Text() implements ResponseFormat {}

  /** A JSON object of any shape; the prompt must ask for JSON too. */
  record JsonObject() implements ResponseFormat {}

  /**
   * A JSON value that fits a schema.
   *
   * @param name what the schema is called, not blank
   * @param schema the JSON schema as a tree of maps, lists and plain values; copied
   * @param strict whether the server must refuse to deviate from the schema
   */
  record JsonSchema(String name, Map<String, ? extends @Nullable Object> schema, boolean strict)
      implements ResponseFormat {

    /**
     * Rejects a blank name.
     *
     * @param name what the schema is called, not blank
     * @param schema the JSON schema as a tree of maps, lists and plain values; copied
     * @param strict whether the server must refuse to deviate from the schema
     */
    public JsonSchema {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a schema's name must not be blank");
      }
      schema = JsonTrees.frozen(schema);
    }
  }

  /**
   * Asks for JSON that fits a schema strictly.
   *
   * @param name what the schema is called
   * @param schema the JSON schema as a tree
   * @return the format
   */
  static ResponseFormat jsonSchema(String name, Map<String, ? extends @Nullable Object> schema) {
    return new JsonSchema(name, schema, /* strict= */ true);
  }
}
