package io.trimtab.program;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What tuning changed about a program, as JSON: instructions, field descriptions, demonstrations,
 * parameters and bindings of each predictor. Never a model, a key or code.
 *
 * <pre>{@code
 * Files.writeString(path, ProgramState.save(tuned));
 * Program again = ProgramState.load(program, Files.readString(path));
 * }</pre>
 *
 * <p>A superset of what DSPy's {@code module.save("x.json")} writes: files go both ways. DSPy's
 * matches fields by position and leaves out parameters and bindings; ours adds names, types, {@code
 * config} and {@code bindings}, and a file that has names is checked against the program.
 *
 * <p>Loading is all or nothing: a file that does not suit the program changes nothing.
 */
public final class ProgramState {

  /** The version of the format, in {@code metadata.format}. */
  public static final String FORMAT = "trimtab.program/1";

  private static final String METADATA = "metadata";

  private ProgramState() {}

  /**
   * Writes the state of a program.
   *
   * @param program its predictors have distinct names
   * @return a JSON document with one key per predictor and {@code metadata}
   * @throws IllegalArgumentException if two predictors share a name
   */
  public static String save(Program program) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (Predict predictor : program.predictors()) {
      if (tree.put(predictor.name(), tree(predictor)) != null) {
        throw new IllegalArgumentException(
            "two predictors are named \"" + predictor.name() + "\", names must be distinct");
      }
    }
    tree.put(METADATA, Map.of("format", FORMAT));
    return Json.writePretty(tree);
  }

  private static Map<String, @Nullable Object> tree(Predict predictor) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("traces", List.of());
    tree.put("train", List.of());
    tree.put("demos", predictor.demonstrations().stream().map(ProgramState::tree).toList());
    tree.put("signature", tree(predictor.signature()));
    tree.put("lm", null);
    tree.put("config", predictor.config());
    tree.put("bindings", predictor.bindings());
    tree.put("optional_bindings", List.copyOf(predictor.optionalBindings()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(Demonstration demonstration) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>(demonstration.values().asMap());
    if (demonstration.augmented()) {
      tree.put("augmented", true);
    }
    return tree;
  }

  private static Map<String, Object> tree(Signature signature) {
    List<Object> fields = new ArrayList<>();
    signature.fields().forEach(field -> fields.add(tree(field)));
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("instructions", signature.instructions());
    tree.put("fields", fields);
    return tree;
  }

  private static Map<String, Object> tree(Field field) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("prefix", field.title() + ":");
    tree.put("description", field.description().isEmpty() ? unset(field) : field.description());
    tree.put("name", field.name());
    tree.put("type", field.type().python());
    return tree;
  }

  /** Returns what DSPy writes for a field nobody described. */
  private static String unset(Field field) {
    return "${" + field.name() + "}";
  }

  /**
   * Reads a state into a program of the same shape.
   *
   * @param program the program as code makes it; stays as it is
   * @param json what {@link #save} or DSPy wrote
   * @return a new program with the state
   * @throws JsonException if the text is no such state or does not suit the program: another
   *     predictor, other fields, an unknown parameter
   */
  public static Program load(Program program, String json) {
    JsonObject tree = Json.parseObject(json, JsonLimits.DEFAULT);
    checkFormat(tree);
    Map<String, JsonObject> states = states(program, tree);
    // Everything is read before anything is put together, so a bad file has no effect.
    Map<String, Predict> loaded = new LinkedHashMap<>();
    for (Predict predictor : program.predictors()) {
      JsonObject state = states.get(predictor.name());
      loaded.put(predictor.name(), state == null ? predictor : loaded(predictor, state));
    }
    return program.withPredictors(predictor -> loaded.getOrDefault(predictor.name(), predictor));
  }

  private static void checkFormat(JsonObject tree) {
    String format = tree.objectOrEmpty(METADATA).stringOrNull("format");
    if (format != null && !format.equals(FORMAT)) {
      throw new JsonException(
          "$.metadata.format: expected \"%s\", got \"%s\"".formatted(FORMAT, format));
    }
  }

  private static Map<String, JsonObject> states(Program program, JsonObject tree) {
    List<Predict> predictors = program.predictors();
    if (tree.has("signature") && tree.has("demos")) { // DSPy saves a single Predict without a key
      requireOne(predictors);
      return Map.of(predictors.get(0).name(), tree);
    }
    Map<String, JsonObject> states = new LinkedHashMap<>();
    for (String key : tree.keys()) {
      if (!key.equals(METADATA)) {
        states.put(key, tree.object(key));
      }
    }
    if (states.size() == 1
        && predictors.size() == 1) { // "self", "predict": a name of the other side
      return Map.of(predictors.get(0).name(), states.values().iterator().next());
    }
    Set<String> expected = new TreeSet<>();
    predictors.forEach(predictor -> expected.add(predictor.name()));
    if (!expected.equals(new TreeSet<>(states.keySet()))) {
      throw new JsonException(
          "$: expected the predictors %s, got %s".formatted(expected, states.keySet()));
    }
    return states;
  }

  private static void requireOne(List<Predict> predictors) {
    if (predictors.size() != 1) {
      throw new JsonException(
          "$: expected the predictors %s, got the state of a single one"
              .formatted(predictors.stream().map(Predict::name).toList()));
    }
  }

  private static Predict loaded(Predict predictor, JsonObject state) {
    Predict loaded =
        predictor
            .withSignature(signature(predictor, state.object("signature")))
            .withDemonstrations(state.objects("demos").stream().map(ProgramState::demo).toList());
    if (!state.has("config")) {
      return loaded; // DSPy does not save parameters: the program's own stay
    }
    try {
      return loaded.configured(
          config(state.object("config")),
          state.stringMap("bindings"),
          new LinkedHashSet<>(state.strings("optional_bindings")));
    } catch (IllegalArgumentException e) {
      throw new JsonException(state.path() + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> config(JsonObject tree) {
    Map<String, Object> config = new LinkedHashMap<>();
    for (String key : tree.keys()) {
      Object value = tree.find(key);
      if (value != null) {
        config.put(key, value);
      }
    }
    return Collections.unmodifiableMap(config);
  }

  private static Demonstration demo(JsonObject tree) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(tree.asMap());
    boolean augmented = Boolean.TRUE.equals(values.remove("augmented"));
    return new Demonstration(FieldValues.of(values), augmented);
  }

  private static Signature signature(Predict predictor, JsonObject tree) {
    Signature signature = predictor.signature();
    List<JsonObject> saved = tree.objects("fields");
    List<Field> fields = signature.fields().toList();
    if (saved.size() != fields.size()) {
      throw new JsonException(
          "%s.fields: expected the %d fields of \"%s\", got %d"
              .formatted(tree.path(), fields.size(), signature, saved.size()));
    }
    Signature loaded = signature.withInstructions(tree.string("instructions"));
    for (int i = 0; i < saved.size(); i++) {
      loaded = loaded.withField(field(fields.get(i), saved.get(i)));
    }
    return loaded;
  }

  private static Field field(Field field, JsonObject saved) {
    requireSame(saved, "name", field.name());
    requireSame(saved, "type", field.type().python());
    String description = saved.stringOrNull("description");
    return description == null || description.equals(unset(field))
        ? field.describedAs("")
        : field.describedAs(description);
  }

  private static void requireSame(JsonObject saved, String key, String expected) {
    String actual = saved.stringOrNull(key);
    if (actual != null && !actual.equals(expected)) {
      throw new JsonException(
          "%s.%s: expected \"%s\", got \"%s\"".formatted(saved.path(), key, expected, actual));
    }
  }
}
