package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LmCapability;
import io.trimtab.lm.Message;
import io.trimtab.lm.ResponseFormat;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.variable.VariableSource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonAdapterTest {

  private static final Signature QA =
      Signature.parse("question -> answer, label: Literal['yes', 'no'], score: float")
          .withInstructions("Answer.");

  private final JsonAdapter adapter = new JsonAdapter();

  private static Map<String, Object> answer() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("question", "q1");
    map.put("answer", "é");
    map.put("label", "yes");
    map.put("score", 1.0);
    return map;
  }

  @Test
  void prompt_isTheGoldenOne() {
    List<Message> messages =
        adapter.prompt(QA, List.of(Demonstration.of(answer())), FieldValues.of("question", "Why?"));

    assertThat(messages)
        .containsExactly(
            Message.system(
                """
                Your input fields are:
                1. `question` (str):
                Your output fields are:
                1. `answer` (str):␠
                2. `label` (Literal['yes', 'no']):␠
                3. `score` (float):
                All interactions will be structured in the following way, with the appropriate values filled in.

                Inputs will have the following structure:

                [[ ## question ## ]]
                {question}

                Outputs will be a JSON object with the following fields.

                {
                  "answer": "{answer}",
                  "label": "{label}        # note: the value you produce must exactly match (no extra characters) one of: yes; no",
                  "score": "{score}        # note: the value you produce must be a single float value"
                }
                In adhering to this structure, your objective is:␠
                        Answer."""
                    .replace('␠', ' ')),
            Message.user("[[ ## question ## ]]\nq1"),
            Message.assistant(
                """
                {
                  "answer": "é",
                  "label": "yes",
                  "score": 1.0
                }"""),
            Message.user(
                """
                [[ ## question ## ]]
                Why?

                Respond with a JSON object in the following order of fields: `answer`, then `label` (must be formatted as a valid Python Literal['yes', 'no']), then `score` (must be formatted as a valid Python float)."""));
  }

  @Test
  void responseFormat_isTheStrongestTheModelHonours() {
    assertThat(adapter.responseFormat(QA, EnumSet.allOf(LmCapability.class)))
        .isInstanceOfSatisfying(
            ResponseFormat.JsonSchema.class,
            format -> {
              assertThat(format.strict()).isTrue();
              assertThat(format.schema().get("required"))
                  .isEqualTo(List.of("answer", "label", "score"));
              assertThat(format.schema().get("additionalProperties")).isEqualTo(false);
            });
    assertThat(adapter.responseFormat(QA, EnumSet.of(LmCapability.JSON_OBJECT)))
        .isEqualTo(ResponseFormat.JSON);
    assertThat(adapter.responseFormat(QA, EnumSet.noneOf(LmCapability.class)))
        .isEqualTo(ResponseFormat.TEXT);
    assertThat(
            adapter.responseFormat(
                Signature.parse("q -> a: dict[str, int]"), EnumSet.allOf(LmCapability.class)))
        .as("a strict schema cannot say a map")
        .isEqualTo(ResponseFormat.JSON);
  }

  @Test
  void parse_noiseAroundTheObject_isForgiven() {
    Signature ab = Signature.parse("q -> a, b: int");

    assertThat(adapter.parse(ab, "noise {\"a\":\"x\",\"b\":\"5\",\"extra\":1} tail").asMap())
        .isEqualTo(Map.of("a", "x", "b", 5L));
    assertThatThrownBy(() -> adapter.parse(ab, "{\"a\":\"x\"}"))
        .isInstanceOf(UnreadableAnswerException.class)
        .hasMessageContaining("field `b` is missing");
    assertThatThrownBy(() -> adapter.parse(ab, "[1,2]"))
        .isInstanceOf(UnreadableAnswerException.class)
        .hasMessageContaining("no JSON object");
  }

  @Test
  void parse_nullForAFieldWithDefault_isTheDefault() {
    Signature signature =
        Signature.builder()
            .inputs(Field.of("q", "str"))
            .outputs(Field.of("a", "int").withDefault(4))
            .build();

    assertThat(adapter.parse(signature, "{\"a\": null}").get("a")).isEqualTo(4L);
  }

  @Test
  void run_adapterParameter_choosesTheFormat() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.answeringWith(request -> "{\"answer\": \"x\"}");
    Predict predict = Predict.of("question -> answer", model).bind("adapter", "format");

    Prediction prediction =
        predict.run(Map.of("question", "q"), VariableSource.of(Map.of("format", "json")));

    assertThat(prediction.getString("answer")).isEqualTo("x");
    assertThat(model.requests()).hasSize(1);
    assertThat(model.requests().get(0).responseFormat())
        .isInstanceOf(ResponseFormat.JsonSchema.class);
    assertThatThrownBy(
            () -> predict.run(Map.of("question", "q"), VariableSource.of(Map.of("format", "xml"))))
        .isInstanceOf(ParameterValueException.class)
        .hasMessageContaining("chat");
  }

  @Test
  void run_chatAnswerUnreadable_fallsBackToJsonWithItsSchema() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.answering("rambling", "{\"answer\": \"x\"}");
    Predict predict = Predict.of("question -> answer", model).with("repairs", 0);

    Prediction prediction = predict.run(Map.of("question", "q"), VariableSource.empty());

    assertThat(prediction.getString("answer")).isEqualTo("x");
    assertThat(prediction.attempts())
        .extracting(Attempt::kind)
        .containsExactly(Attempt.Kind.FIRST, Attempt.Kind.FALLBACK);
    assertThat(model.requests().get(1).responseFormat())
        .isInstanceOf(ResponseFormat.JsonSchema.class);
  }
}
