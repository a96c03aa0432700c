package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.lm.Message;
import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.Structure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares both adapters with the real DSPy: its prompts for some 150 signatures, demonstrations
 * and inputs, byte for byte, and what it reads in some 250 answers. {@code dspy_prompts.py} beside
 * the document writes it.
 */
class DspyPromptsTest {

  private static final Path DOCUMENT =
      Path.of("src/test/resources/io/trimtab/program/dspy-prompts.json");

  private static final Enumeration COLOR =
      new Enumeration("Color", ordered("RED", "red", "DARK_BLUE", "dark blue"));
  private static final Structure PERSON =
      new Structure(
          "Person",
          List.of(
              Field.of("name", "str").describedAs("the full name"),
              Field.of("age", "int").with(Constraint.Kind.GE, 0).with(Constraint.Kind.LE, 150),
              Field.of("nick_name", "Optional[str]").withDefault(null)));
  private static final Structure TEAM =
      new Structure(
          "Team",
          List.of(
              Field.of("lead", PERSON),
              Field.of("members", new FieldType.ListOf(PERSON)),
              Field.of("colour", COLOR)));
  private static final Map<String, FieldType> TYPES =
      Map.of("Color", COLOR, "Person", PERSON, "Team", TEAM);

  /**
   * Answers we read otherwise, on purpose: what is no text stays unreadable as text or is written
   * as JSON, inner texts and names of constants are taken with good will, nothing is null for a
   * text that may be null, and a number has to look like the literal it stands for.
   */
  private static final Set<String> OURS =
      Set.of(
          "json a: str, b: int <- {\"a\": null, \"b\": 5}",
          "json a: str, b: int <- {\"a\": [\"p\"], \"b\": 5}",
          "wanted: int <- - 3",
          "wanted: list[str] <- [1, 2]",
          "wanted: list[Color] <- [\"RED\"]",
          "wanted: Union[str, NoneType] <- ",
          "wanted: Literal[1, 2, 3] <- 2.0");

  private static final Map<String, Adapter> ADAPTERS =
      Map.of("chat", new ChatAdapter(), "json", new JsonAdapter());

  private static Map<String, String> ordered(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static List<JsonObject> cases(String key) throws IOException {
    return Json.parseObject(Files.readString(DOCUMENT), JsonLimits.DEFAULT).objects(key);
  }

  private static Signature signature(JsonObject recorded) {
    Signature.Builder builder = Signature.builder();
    for (JsonObject field : recorded.objects("fields")) {
      if (field.string("side").equals("input")) {
        builder.inputs(field(field));
      } else {
        builder.outputs(field(field));
      }
    }
    if (recorded.find("instructions") instanceof String instructions) {
      builder.instructions(instructions);
    }
    return builder.build();
  }

  private static Field field(JsonObject recorded) {
    FieldType type =
        Signature.parse("x -> y: " + recorded.string("type"), TYPES).outputs().get(0).type();
    Field field = Field.of(recorded.string("name"), type);
    if (recorded.has("description")) {
      field = field.describedAs(recorded.string("description"));
    }
    if (recorded.find("constraints") instanceof Map<?, ?> constraints) {
      for (Map.Entry<?, ?> constraint : constraints.entrySet()) {
        double bound = ((Number) constraint.getValue()).doubleValue();
        field = field.with(kind((String) constraint.getKey()), bound);
      }
    }
    return field;
  }

  private static Constraint.Kind kind(String key) {
    return Stream.of(Constraint.Kind.values()).filter(k -> k.key().equals(key)).findFirst().get();
  }

  private static List<Map<String, String>> shown(List<Message> messages) {
    List<Map<String, String>> shown = new ArrayList<>();
    for (Message message : messages) {
      String role = message.getClass().getSimpleName().toLowerCase(Locale.ROOT);
      shown.add(ordered("role", role, "content", message.text()));
    }
    return shown;
  }

  @TestFactory
  Stream<DynamicTest> prompt_isWhatDspyShows() throws IOException {
    return cases("prompts").stream()
        .flatMap(
            recorded ->
                ADAPTERS.keySet().stream()
                    .map(
                        adapter ->
                            dynamicTest(
                                adapter + " " + recorded.path(),
                                () -> comparePrompts(recorded, adapter))));
  }

  private static void comparePrompts(JsonObject recorded, String adapter) {
    Signature signature = signature(recorded);
    List<Demonstration> demonstrations =
        recorded.objects("demonstrations").stream()
            .map(values -> Demonstration.of(values.asMap()))
            .toList();
    FieldValues inputs = FieldValues.of(recorded.object("inputs").asMap());

    List<Message> ours = ADAPTERS.get(adapter).prompt(signature, demonstrations, inputs);

    assertThat(shown(ours)).as(signature.toString()).isEqualTo(recorded.find(adapter));
  }

  @TestFactory
  Stream<DynamicTest> answer_thatDspyReads_isReadTheSame() throws IOException {
    return cases("answers").stream()
        .map(recorded -> dynamicTest(recorded.path(), () -> compareAnswers(recorded)));
  }

  private static void compareAnswers(JsonObject recorded) {
    Signature signature = signature(recorded);
    Adapter adapter = ADAPTERS.get(recorded.string("adapter"));
    String question = question(signature, recorded);

    @Nullable Map<String, @Nullable Object> ours;
    try {
      ours = adapter.parse(signature, recorded.string("text")).asMap();
    } catch (UnreadableAnswerException e) {
      ours = null;
    }

    if (OURS.contains(question)) {
      assertThat(ours).as(question).isNotEqualTo(recorded.find("values"));
    } else {
      assertThat(ours).as(question).isEqualTo(recorded.find("values"));
    }
  }

  /** Returns such as {@code wanted: int <- 3}; the adapter is told where it makes a difference. */
  private static String question(Signature signature, JsonObject recorded) {
    String outputs =
        signature.outputs().stream().map(Field::toString).collect(Collectors.joining(", "));
    return recorded.has("answer")
        ? outputs + " <- " + recorded.string("answer")
        : recorded.string("adapter") + " " + outputs + " <- " + recorded.string("text");
  }
}
