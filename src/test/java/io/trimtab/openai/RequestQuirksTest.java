package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.Json;
import io.trimtab.lm.LmInvalidRequestException;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.Message;
import io.trimtab.lm.ResponseFormat;
import io.trimtab.lm.ToolCall;
import io.trimtab.lm.ToolSpec;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes over the wire: what was asked for, in the dialect that was set, and nothing else. */
final class RequestQuirksTest {

  private static final byte[] OK = RawServer.json(RawServer.answer("ok"));

  private static RawServer.Request sent(
      UnaryOperator<OpenAiModelBuilder> settings, LmRequest request) throws Exception {
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model = settings.apply(OpenAiModelTest.at(server)).build()) {
      model.generate(request);
      return server.requests().get(0);
    }
  }

  private static Object body(UnaryOperator<OpenAiModelBuilder> settings, LmRequest request)
      throws Exception {
    return Json.parse(sent(settings, request).body());
  }

  private static LmRequest with(LmOptions.Builder options) {
    return LmRequest.of("hi").withOptions(options.build());
  }

  @Test
  void generate_nothingSet_sendsModelAndMessagesOnly() throws Exception {
    assertThat(body(b -> b, LmRequest.of("hi")))
        .isEqualTo(
            Map.of("model", "m", "messages", List.of(Map.of("role", "user", "content", "hi"))));
  }

  @Test
  void generate_everyOption_isSentUnderItsName() throws Exception {
    LmOptions.Builder options =
        LmOptions.builder()
            .temperature(0.0)
            .topP(0.5)
            .maxTokens(7)
            .n(2)
            .stop(List.of("x"))
            .seed(1L)
            .presencePenalty(0.1)
            .frequencyPenalty(-0.2)
            .rolloutId(9L)
            .extra("top_k", 40L)
            .extra("chat_template_kwargs", Map.of("enable_thinking", false));

    assertThat(body(b -> b, with(options)))
        .isEqualTo(
            Json.parse(
                """
                {"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":7,
                 "temperature":0.0,"top_p":0.5,"presence_penalty":0.1,"frequency_penalty":-0.2,
                 "seed":1,"n":2,"stop":["x"],"top_k":40,
                 "chat_template_kwargs":{"enable_thinking":false}}"""));
  }

  @Test
  void generate_defaults_giveWayToTheRequest() throws Exception {
    LmOptions defaults = LmOptions.builder().temperature(0.7).topP(0.9).build();

    assertThat(body(b -> b.defaults(defaults), with(LmOptions.builder().temperature(0.0))))
        .asString()
        .contains("temperature=0.0", "top_p=0.9");
  }

  @Test
  void generate_otherModelInOptions_isTheOneAsked() throws Exception {
    assertThat(body(b -> b, with(LmOptions.builder().model("other"))))
        .asString()
        .contains("model=other");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o, max_tokens",
    "llama3, max_tokens",
    "o1, max_completion_tokens",
    "o3-mini, max_completion_tokens",
    "gpt-5-nano, max_completion_tokens",
    "openai/o4-mini, max_completion_tokens",
    "olmo, max_tokens",
  })
  void generate_tokenLimit_isNamedByTheModel(String model, String field) throws Exception {
    LmOptions.Builder options = LmOptions.builder().model(model).maxTokens(5);

    assertThat(body(b -> b, with(options))).asString().contains(field + "=5");
  }

  @Test
  void generate_tokenLimitSetting_winsOverTheModelsName() throws Exception {
    LmOptions.Builder options = LmOptions.builder().model("o1").maxTokens(5);

    assertThat(body(b -> b.maxTokensField(MaxTokensField.MAX_TOKENS), with(options)))
        .asString()
        .contains("max_tokens=5")
        .doesNotContain("max_completion_tokens");
  }

  @Test
  void generate_systemMessage_takesTheRoleThatWasSet() throws Exception {
    LmRequest request = LmRequest.builder().system("be brief").user("hi").build();

    assertThat(body(b -> b, request)).asString().contains("role=system, content=be brief");
    assertThat(body(b -> b.systemRole("developer"), request))
        .asString()
        .contains("role=developer, content=be brief");
  }

  private static final LmRequest TOOL_TURN =
      LmRequest.builder()
          .user("weather?")
          .message(
              new Message.Assistant("", List.of(new ToolCall("c1", "w", "{\"a\":1}")), "thinking"))
          .message(new Message.ToolResult("c1", "sunny"))
          .tool(new ToolSpec("w", "weather", Map.of("type", "object", "properties", Map.of())))
          .build();

  @Test
  void generate_toolTurn_isSentAsTheProtocolWants() throws Exception {
    assertThat(body(b -> b, TOOL_TURN))
        .isEqualTo(
            Json.parse(
                """
                {"model":"m","messages":[{"role":"user","content":"weather?"},
                 {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
                  "function":{"name":"w","arguments":"{\\"a\\":1}"}}]},
                 {"role":"tool","tool_call_id":"c1","content":"sunny"}],
                 "tools":[{"type":"function","function":{"name":"w","description":"weather",
                  "parameters":{"type":"object","properties":{}}}}]}"""));
  }

  @Test
  void generate_emptyContent_takesTheFormThatWasSet() throws Exception {
    assertThat(sent(b -> b.emptyContent(EmptyContent.EMPTY_STRING), TOOL_TURN).body())
        .contains("\"role\":\"assistant\",\"content\":\"\",\"tool_calls\"");
    assertThat(sent(b -> b.emptyContent(EmptyContent.OMITTED), TOOL_TURN).body())
        .contains("\"role\":\"assistant\",\"tool_calls\"");
  }

  @Test
  void generate_replayReasoning_sendsItBack() throws Exception {
    assertThat(sent(b -> b, TOOL_TURN).body()).doesNotContain("thinking");
    assertThat(sent(b -> b.replayReasoning(true), TOOL_TURN).body())
        .contains("\"reasoning_content\":\"thinking\"");
  }

  @Test
  void generate_responseFormats_areSent() throws Exception {
    LmRequest json = LmRequest.builder().user("x").responseFormat(ResponseFormat.JSON).build();
    LmRequest schema =
        LmRequest.builder()
            .user("x")
            .responseFormat(ResponseFormat.jsonSchema("s", Map.of("type", "object")))
            .build();

    assertThat(sent(b -> b, json).body())
        .contains("\"response_format\":{\"type\":\"json_object\"}");
    assertThat(sent(b -> b, schema).body())
        .contains(
            "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\","
                + "\"strict\":true,\"schema\":{\"type\":\"object\"}}}");
  }

  @Test
  void stream_usage_isAskedForOnlyWhenSet() throws Throwable {
    try (RawServer server = new RawServer(RawServer.always(OK))) {
      try (OpenAiModel model = OpenAiModelTest.at(server).build()) {
        Form.STREAM.ask(model, "x");
      }
      try (OpenAiModel model = OpenAiModelTest.at(server).streamUsage(true).build()) {
        Form.STREAM.ask(model, "x");
      }

      assertThat(server.requests().get(0).body())
          .contains("\"stream\":true")
          .doesNotContain("usage");
      assertThat(server.requests().get(1).body())
          .contains("\"stream_options\":{\"include_usage\":true}");
    }
  }

  @Test
  void generate_headers_areTheOnesWanted() throws Exception {
    RawServer.Request request =
        sent(b -> b.header("HTTP-Referer", "https://me").header("X-Title", "T"), LmRequest.of("x"));

    assertThat(request.line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
    assertThat(request.headers())
        .containsEntry("authorization", "Bearer sk-test-0123456789")
        .containsEntry("content-type", "application/json")
        .containsEntry("http-referer", "https://me")
        .containsEntry("x-title", "T")
        .doesNotContainKeys("upgrade", "http2-settings", "accept-encoding");
  }

  @Test
  void generate_modelNameWithLineBreaks_reachesNoHeader() throws Exception {
    String evil = "m\r\nX-Evil: 1\r\n\r\nPOST /";

    RawServer.Request request = sent(b -> b, with(LmOptions.builder().model(evil)));

    assertThat(request.headers()).doesNotContainKey("x-evil");
    assertThat(Json.parse(request.body())).asString().contains(evil);
  }

  @Test
  void generate_azure_sendsBareKeyAndVersion() throws Exception {
    RawServer.Request request = sent(b -> b.azure("2024-10-21"), LmRequest.of("x"));

    assertThat(request.line())
        .isEqualTo("POST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1");
    assertThat(request.headers())
        .containsEntry("api-key", "sk-test-0123456789")
        .doesNotContainKey("authorization");
  }

  @Test
  void generate_withoutKey_sendsNone() throws Exception {
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model =
            OpenAiModel.builder().baseUrl(server.url()).withoutKey().model("m").build()) {
      model.generate(LmRequest.of("x"));

      assertThat(server.requests().get(0).headers()).doesNotContainKeys("authorization", "api-key");
    }
  }

  /** Refuses requests that hold a field, in the words given, and answers the others. */
  private static RawServer.Script refusing(String field, String status, String error) {
    return peer -> {
      for (var request = peer.readRequest(); request != null; request = peer.readRequest()) {
        boolean refused = request.body().contains("\"" + field + "\"");
        peer.write(refused ? RawServer.response(status, "", error) : OK);
      }
    };
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_unsupportedOption_isDroppedOnceAndRemembered(Form form) throws Throwable {
    String error =
        """
        {"error":{"message":"Unsupported value: 'temperature' does not support 0.5 with this model.",\
        "type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}""";
    try (RawServer server = new RawServer(refusing("temperature", "400 Bad Request", error));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      LmRequest request = with(LmOptions.builder().temperature(0.5).topP(0.5));

      assertThat(form.ask(model, request).text()).isEqualTo("ok");
      assertThat(form.ask(model, request).text()).isEqualTo("ok");

      assertThat(server.requests()).hasSize(3);
      assertThat(server.requests().get(2).body()).contains("top_p").doesNotContain("temperature");
    }
  }

  @Test
  void generate_unsupportedTokenLimit_isSentUnderItsOtherName() throws Throwable {
    String error =
        """
        {"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. \
        Use 'max_completion_tokens' instead.","code":"unsupported_parameter"}}""";
    try (RawServer server = new RawServer(refusing("max_tokens", "400 Bad Request", error));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      model.generate(with(LmOptions.builder().maxTokens(5)));

      assertThat(server.requests().get(1).body()).contains("\"max_completion_tokens\":5");
    }
  }

  @Test
  void stream_unknownStreamOptions_areDropped() throws Throwable {
    String error =
        """
        {"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],\
        "msg":"Extra inputs are not permitted","input":{}}]}""";
    try (RawServer server =
            new RawServer(refusing("stream_options", "422 Unprocessable Entity", error));
        OpenAiModel model = OpenAiModelTest.at(server).streamUsage(true).build()) {

      assertThat(Form.STREAM.ask(model, "x").text()).isEqualTo("ok");
    }
  }

  @Test
  void generate_valueOutOfRange_failsInsteadOfBeingDropped() throws Throwable {
    String error =
        """
        {"error":{"message":"Invalid 'temperature': decimal above maximum value. Expected a value \
        <= 2, but got 3 instead.","param":"temperature","code":"decimal_above_max_value"}}""";
    try (RawServer server = new RawServer(refusing("temperature", "400 Bad Request", error));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThatThrownBy(() -> model.generate(with(LmOptions.builder().temperature(3.0))))
          .isInstanceOfSatisfying(
              LmInvalidRequestException.class, e -> assertThat(e.param()).isEqualTo("temperature"));
      assertThat(server.requests()).hasSize(1);
    }
  }

  /** Half the words of an error are names of options, or of models. */
  @Test
  void generate_optionThatWasNotSent_isNotWhatTheServerMeans() throws Throwable {
    String error = "{\"error\":{\"message\":\"Unknown model seed-oss-36b\"}}";
    byte[] refusal = RawServer.response("400 Bad Request", "", error);
    try (RawServer server = new RawServer(RawServer.always(refusal));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThatThrownBy(() -> model.generate(with(LmOptions.builder().temperature(0.5))))
          .isInstanceOf(LmInvalidRequestException.class);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void generate_droppingForbidden_fails() throws Throwable {
    String error =
        """
        {"error":{"message":"x","param":"temperature","code":"unsupported_parameter"}}""";
    try (RawServer server = new RawServer(refusing("temperature", "400 Bad Request", error));
        OpenAiModel model = OpenAiModelTest.at(server).dropUnsupported(false).build()) {

      assertThatThrownBy(() -> model.generate(with(LmOptions.builder().temperature(1.0))))
          .isInstanceOf(LmInvalidRequestException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_unpairedSurrogate_isTheCallersError(Form form) throws Throwable {
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThatThrownBy(() -> form.ask(model, "a\ud800b"))
          .isInstanceOf(LmInvalidRequestException.class);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void generate_extraFieldOfOurs_isRefused() throws Throwable {
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      LmRequest request = with(LmOptions.builder().extra("stream", true));

      assertThatThrownBy(() -> model.generate(request)).hasMessageContaining("stream");
      assertThatThrownBy(() -> model.generateAsync(request)).hasMessageContaining("stream");
      assertThatThrownBy(() -> model.stream(request)).hasMessageContaining("stream");
    }
  }
}
