package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The prompts and parse rules of DSPy's chat format, byte for byte; ␠ marks a trailing space. */
class ChatAdapterTest {

  private static final Signature QA =
      Signature.builder()
          .inputs(
              Field.of("context", "list[str]").describedAs("passages"), Field.of("question", "str"))
          .outputs(
              Field.of("answer", "str").describedAs("short"),
              Field.of("label", "Literal['yes', 'no']"),
              Field.of("score", "float").with(Constraint.Kind.GE, 0).with(Constraint.Kind.LE, 1),
              Field.of("n", "Optional[int]"))
          .instructions("Answer the question.")
          .build();

  private final ChatAdapter adapter = new ChatAdapter();

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static final List<Demonstration> DEMONSTRATIONS =
      List.of(
          Demonstration.of(
              ordered(
                  "context",
                  List.of("a", "b"),
                  "question",
                  "q1",
                  "answer",
                  "A1",
                  "label",
                  "yes",
                  "score",
                  0.5,
                  "n",
                  3)),
          Demonstration.of(ordered("question", "q2", "answer", "A2")));

  private List<Message> prompt() {
    return adapter.prompt(
        QA,
        DEMONSTRATIONS,
        FieldValues.of(ordered("context", List.of("x «y»", "line1\nline2"), "question", "Why?")));
  }

  @Test
  void prompt_systemMessage_isTheGoldenOne() {
    assertThat(prompt().get(0))
        .isEqualTo(
            Message.system(
                """
                Your input fields are:
                1. `context` (list[str]): passages
                2. `question` (str):
                Your output fields are:
                1. `answer` (str): short
                2. `label` (Literal['yes', 'no']):␠
                3. `score` (float):␠
                Constraints: greater than or equal to: 0, less than or equal to: 1
                4. `n` (Union[int, NoneType]):
                All interactions will be structured in the following way, with the appropriate values filled in.

                [[ ## context ## ]]
                {context}

                [[ ## question ## ]]
                {question}

                [[ ## answer ## ]]
                {answer}

                [[ ## label ## ]]
                {label}        # note: the value you produce must exactly match (no extra characters) one of: yes; no

                [[ ## score ## ]]
                {score}        # note: the value you produce must be a single float value

                [[ ## n ## ]]
                {n}        # note: the value you produce must adhere to the JSON schema: {"anyOf": [{"type": "integer"}, {"type": "null"}]}

                [[ ## completed ## ]]
                In adhering to this structure, your objective is:␠
                        Answer the question."""
                    .replace('␠', ' ')));
  }

  @Test
  void prompt_incompleteDemonstration_comesFirstAndSaysWhatIsNotSupplied() {
    assertThat(prompt().get(1))
        .isEqualTo(
            Message.user(
                """
                This is an example of the task, though some input or output fields are not supplied.

                [[ ## question ## ]]
                q2"""));
    assertThat(prompt().get(2))
        .isEqualTo(
            Message.assistant(
                """
                [[ ## answer ## ]]
                A2

                [[ ## label ## ]]
                Not supplied for this particular example.␠

                [[ ## score ## ]]
                Not supplied for this particular example.␠

                [[ ## n ## ]]
                Not supplied for this particular example.

                [[ ## completed ## ]]
                """
                    .replace('␠', ' ')));
  }

  @Test
  void prompt_completeDemonstration_followsWithValuesAsPythonWritesThem() {
    assertThat(prompt().get(3))
        .isEqualTo(
            Message.user(
                """
                [[ ## context ## ]]
                ["a", "b"]

                [[ ## question ## ]]
                q1"""));
    assertThat(prompt().get(4))
        .isEqualTo(
            Message.assistant(
                """
                [[ ## answer ## ]]
                A1

                [[ ## label ## ]]
                yes

                [[ ## score ## ]]
                0.5

                [[ ## n ## ]]
                3

                [[ ## completed ## ]]
                """));
  }

  @Test
  void prompt_request_endsWithTheRequirements() {
    assertThat(prompt()).hasSize(6);
    assertThat(prompt().get(5))
        .isEqualTo(
            Message.user(
                """
                [[ ## context ## ]]
                ["x «y»", "line1\\nline2"]

                [[ ## question ## ]]
                Why?

                Respond with the corresponding output fields, starting with the field `[[ ## answer ## ]]`, then `[[ ## label ## ]]` (must be formatted as a valid Python Literal['yes', 'no']), then `[[ ## score ## ]]` (must be formatted as a valid Python float), then `[[ ## n ## ]]` (must be formatted as a valid Python Union[int, NoneType]), and then ending with the marker for `[[ ## completed ## ]]`."""));
  }

  @Test
  void prompt_demonstrationWithoutAnyOutput_isNotShown() {
    List<Message> messages =
        adapter.prompt(
            QA,
            List.of(Demonstration.of(Map.of("question", "only a question"))),
            FieldValues.of("question", "Why?"));

    assertThat(messages).hasSize(2);
  }

  @Test
  void prompt_instructionsOfSeveralIndentedLines_areDedentedAndSetInByEight() {
    Signature signature =
        Signature.parse("a -> b").withInstructions("    First.\n      Second.\n\n    Third.");

    String system = adapter.prompt(signature, List.of(), FieldValues.of("a", "1")).get(0).text();

    assertThat(system)
        .endsWith(
            "your objective is: \n        First.\n          Second.\n        \n        Third.");
  }

  @Test
  void prompt_listForATextField_isNumberedPassages() {
    Signature signature = Signature.parse("passages -> b");

    assertThat(question(signature, "passages", List.of()))
        .startsWith("[[ ## passages ## ]]\nN/A\n");
    assertThat(question(signature, "passages", List.of("one")))
        .startsWith("[[ ## passages ## ]]\n«one»\n");
    assertThat(question(signature, "passages", List.of("one", "two\nlines", "q«")))
        .startsWith(
            "[[ ## passages ## ]]\n[1] «one»\n[2] «««\n    two\n    lines\n»»»\n[3] «««\n    q«\n»»»\n");
  }

  private String question(Signature signature, String name, Object value) {
    List<Message> messages = adapter.prompt(signature, List.of(), FieldValues.of(name, value));
    return messages.get(messages.size() - 1).text();
  }

  @Test
  void prompt_scalars_areWrittenAsPythonDoes() {
    Signature signature = Signature.parse("v: Any -> b");

    assertThat(question(signature, "v", true)).contains("]]\nTrue\n");
    assertThat(question(signature, "v", null)).contains("]]\nNone\n");
    assertThat(question(signature, "v", 1.0)).contains("]]\n1.0\n");
    assertThat(question(signature, "v", 1e-5)).contains("]]\n1e-05\n");
    assertThat(question(signature, "v", ordered("a", 1e22, "b", true, "c", "é\"\n")))
        .contains("]]\n{\"a\": 1e+22, \"b\": true, \"c\": \"é\\\"\\n\"}\n");
  }

  private static final Signature AB = Signature.parse("q -> a, b: int");

  @Test
  void parse_markersOnTheirOwnLines_givesTheValues() {
    assertThat(
            adapter.parse(AB, "[[ ## a ## ]]\nhello\n\n[[ ## b ## ]]\n3\n\n[[ ## completed ## ]]"))
        .isEqualTo(FieldValues.of(ordered("a", "hello", "b", 3)));
  }

  @Test
  void parse_valuesOnTheMarkersLine_givesTheValues() {
    assertThat(adapter.parse(AB, "[[ ## a ## ]] hello\n[[ ## b ## ]] 3"))
        .isEqualTo(FieldValues.of(ordered("a", "hello", "b", 3)));
  }

  @Test
  void parse_indentedMarkers_giveTheValues() {
    assertThat(adapter.parse(AB, "   [[ ## a ## ]] hello\n   [[ ## b ## ]] 3"))
        .isEqualTo(FieldValues.of(ordered("a", "hello", "b", 3)));
  }

  @Test
  void parse_repeatedAndUnknownMarkers_firstKnownOneCounts() {
    String text =
        "Sure!\n[[ ## a ## ]]\nx\n[[ ## zzz ## ]]\njunk\n[[ ## a ## ]]\ny\n[[ ## b ## ]]\n\"7\"";

    assertThat(adapter.parse(AB, text)).isEqualTo(FieldValues.of(ordered("a", "x", "b", 7)));
  }

  @Test
  void parse_windowsLineEnds_givesTheValues() {
    assertThat(adapter.parse(AB, "[[ ## a ## ]]\r\none\r\ntwo\r\n[[ ## b ## ]]\r\n3\r\n"))
        .isEqualTo(FieldValues.of(ordered("a", "one\ntwo", "b", 3)));
  }

  @Test
  void parse_markerInsideALine_isNotRecognised() {
    assertThatThrownBy(() -> adapter.parse(AB, "text [[ ## a ## ]]\n[[ ## b ## ]]\n3"))
        .isInstanceOfSatisfying(
            UnreadableAnswerException.class,
            e -> {
              assertThat(e.problems()).containsExactly("field `a` is missing");
              assertThat(e.partial()).isEqualTo(FieldValues.of("b", 3));
            });
  }

  @Test
  void parse_everythingWrong_reportsEveryProblem() {
    Signature signature = Signature.parse("q -> a: int, b: float, c: Literal['x', 'y'], d");

    assertThatThrownBy(
            () ->
                adapter.parse(
                    signature, "[[ ## a ## ]]\nthree\n[[ ## b ## ]]\n1\n[[ ## c ## ]]\nz"))
        .isInstanceOfSatisfying(
            UnreadableAnswerException.class,
            e -> {
              assertThat(e.problems())
                  .containsExactly(
                      "field `a`: expected int, got \"three\"",
                      "field `c`: expected one of [x, y], got \"z\"",
                      "field `d` is missing");
              assertThat(e.partial()).isEqualTo(FieldValues.of("b", 1.0));
              assertThat(e.rawText()).startsWith("[[ ## a ## ]]");
            });
  }

  @Test
  void parse_valueOutsideItsConstraint_isRefused() {
    assertThatThrownBy(
            () ->
                adapter.parse(
                    QA, "[[ ## answer ## ]]\nx\n[[ ## label ## ]]\nyes\n[[ ## score ## ]]\n1.5\n"))
        .hasMessageContaining("field `score`: expected less than or equal to: 1, got 1.5");
  }

  @Test
  void parse_absentNullableField_isNull() {
    FieldValues values =
        adapter.parse(QA, "[[ ## answer ## ]]\nx\n[[ ## label ## ]]\n'no'\n[[ ## score ## ]]\n1\n");

    assertThat(values.get("n")).isNull();
    assertThat(values.get("label")).isEqualTo("no");
    assertThat(values.get("score")).isEqualTo(1.0);
  }

  @Test
  void parse_absentFieldWithDefault_isTheDefault() {
    Signature signature =
        Signature.builder()
            .inputs(Field.of("q", "str"))
            .outputs(Field.of("a", "str"), Field.of("b", "int").withDefault(9))
            .build();

    assertThat(adapter.parse(signature, "[[ ## a ## ]]\nx").get("b")).isEqualTo(9L);
  }
}
