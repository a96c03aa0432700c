package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.Completion;
import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.ToolCall;
import io.trimtab.lm.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What servers make of the protocol, and what we make of it. */
final class ResponseQuirksTest {

  /** A whole response with one choice, whose text is given. */
  private static LmResponse choice(String choice) throws Throwable {
    return document("{\"choices\":[" + choice + "]}");
  }

  /** Reads a whole response in all three forms, which must agree. */
  private static LmResponse document(String body) throws Throwable {
    try (RawServer server = new RawServer(RawServer.always(RawServer.json(body)));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      LmResponse response = Form.BLOCKING.ask(model, "x");
      assertThat(Form.ASYNC.ask(model, "x").completions()).isEqualTo(response.completions());
      assertThat(Form.STREAM.ask(model, "x").completions()).isEqualTo(response.completions());
      return response;
    }
  }

  /** Reads a stream of events, and checks that its deltas add up to its response. */
  private static LmResponse events(LmRequest request, String... events) throws Throwable {
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          for (String event : events) {
            peer.event(event);
          }
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Collected collected = Collected.of(model.stream(request));
      LmResponse response = collected.response();
      checkDeltas(collected.chunks, response);
      return response;
    }
  }

  private static LmResponse events(String... events) throws Throwable {
    return events(LmRequest.of("x"), events);
  }

  private static void checkDeltas(List<LmChunk> chunks, LmResponse response) {
    for (Completion completion : response.completions()) {
      StringBuilder text = new StringBuilder();
      StringBuilder reasoning = new StringBuilder();
      Map<Integer, ToolCall> tools = new HashMap<>();
      for (LmChunk chunk : chunks) {
        if (chunk instanceof LmChunk.TextDelta delta && delta.index() == completion.index()) {
          text.append(delta.text());
        } else if (chunk instanceof LmChunk.ReasoningDelta delta
            && delta.index() == completion.index()) {
          reasoning.append(delta.text());
        } else if (chunk instanceof LmChunk.ToolCallDelta delta
            && delta.index() == completion.index()) {
          tools.merge(
              delta.toolIndex(),
              new ToolCall(
                  String.valueOf(delta.id()), String.valueOf(delta.name()), delta.arguments()),
              (a, b) -> new ToolCall(a.id(), a.name(), a.arguments() + b.arguments()));
        }
      }
      assertThat(text).hasToString(completion.text());
      assertThat(reasoning)
          .hasToString(completion.reasoning() == null ? "" : completion.reasoning());
      assertThat(tools.values())
          .extracting(ToolCall::arguments)
          .containsExactlyElementsOf(
              completion.toolCalls().stream().map(ToolCall::arguments).toList());
    }
  }

  private static String delta(String delta) {
    return "{\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}";
  }

  private static String tool(String call) {
    return delta("{\"tool_calls\":[" + call + "]}");
  }

  private static final String STOP =
      "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";

  @Test
  void document_bareMinimum_isAnAnswer() throws Throwable {
    LmResponse response = choice("{\"message\":{\"content\":\"a\"}}");

    assertThat(response.text()).isEqualTo("a");
    assertThat(response.usage()).isEqualTo(Usage.UNKNOWN);
    assertThat(response.model()).isEqualTo("m");
    assertThat(response.id()).isNull();
    assertThat(response.completions().get(0).finishReason()).isEqualTo(FinishReason.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"stop\"', STOP",
    "'\"STOP\"', STOP",
    "'\"end_turn\"', STOP",
    "'\"eos\"', STOP",
    "'\"length\"', LENGTH",
    "'\"max_tokens\"', LENGTH",
    "'\"content_filter\"', CONTENT_FILTER",
    "'\"function_call\"', TOOL_CALLS",
    "'\"\"', UNKNOWN",
    "null, UNKNOWN",
    "'\"whatever\"', UNKNOWN",
    "17, UNKNOWN",
  })
  void document_finishReasons_areRecognised(String json, FinishReason reason) throws Throwable {
    LmResponse response =
        choice("{\"message\":{\"content\":\"a\"},\"finish_reason\":" + json + "}");

    assertThat(response.completions().get(0).finishReason()).isEqualTo(reason);
  }

  @Test
  void document_contentInParts_isJoined() throws Throwable {
    LmResponse response =
        choice(
            """
            {"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},
              {"type":"text","text":"a"},{"type":"text","text":"b"},null,7,"c"]}}""");

    assertThat(response.text()).isEqualTo("abc");
    assertThat(response.completions().get(0).reasoning()).isEqualTo("hm");
  }

  @Test
  void document_refusal_isTextWithContentFilter() throws Throwable {
    LmResponse response =
        choice(
            "{\"message\":{\"content\":null,\"refusal\":\"I won't\"},\"finish_reason\":\"stop\"}");

    assertThat(response.text()).isEqualTo("I won't");
    assertThat(response.completions().get(0).finishReason()).isEqualTo(FinishReason.CONTENT_FILTER);
  }

  @Test
  void document_nothingLeftForText_isCutOffNotMalformed() throws Throwable {
    LmResponse response =
        choice(
            "{\"message\":{\"content\":null,\"reasoning\":\"hm\"},\"finish_reason\":\"length\"}");

    assertThat(response.text()).isEmpty();
    assertThat(response.completions().get(0).finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"content\":\"a\",\"reasoning_content\":\"hm\"}",
        "{\"content\":\"a\",\"reasoning\":\"hm\"}",
        "{\"content\":\"a\",\"reasoning\":\"hm\",\"reasoning_content\":\"hm\"}",
        "{\"content\":\"a\",\"reasoning\":\"hm\",\"reasoning_content\":null}",
        "{\"content\":\"a\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\"}]}",
        "{\"content\":\"a\",\"reasoning\":\"hm\",\"reasoning_details\":[{\"text\":\"hm\"}]}",
        "{\"content\":\"<think>hm</think>\\n\\na\"}",
      })
  void document_reasoning_isFoundUnderItsNames(String message) throws Throwable {
    LmResponse response = choice("{\"message\":" + message + "}");

    assertThat(response.text()).isEqualTo("a");
    assertThat(response.completions().get(0).reasoning()).isEqualTo("hm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}|3|2|5",
        "{\"prompt_tokens\":3.0,\"completion_tokens\":2.0}|3|2|5",
        "{\"input_tokens\":3,\"output_tokens\":2}|3|2|5",
        "{\"prompt_tokens\":null,\"completion_tokens\":\"2\",\"total_tokens\":-1}|||",
        "{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}|0|0|0",
        "null|||",
        "[]|||",
      })
  void document_usage_isReadOrUnknown(String usage, Long in, Long out, Long total)
      throws Throwable {
    LmResponse response =
        document("{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":" + usage + "}");

    assertThat(response.usage().inputTokens()).isEqualTo(in);
    assertThat(response.usage().outputTokens()).isEqualTo(out);
    assertThat(response.usage().total()).isEqualTo(total);
  }

  @Test
  void document_usageDetails_areRead() throws Throwable {
    LmResponse response =
        document(
            """
            {"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":3,
             "completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1},
             "completion_tokens_details":{"reasoning_tokens":2}}}""");

    assertThat(response.usage()).isEqualTo(new Usage(3L, 2L, 5L, 1L, 2L));
  }

  @Test
  void document_severalChoices_areSortedByIndex() throws Throwable {
    LmResponse response =
        document(
            """
            {"choices":[{"index":1,"message":{"content":"b"}},{"message":{"content":"a"},"index":0},
             null]}""");

    assertThat(response.completions()).extracting(Completion::text).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}|t1|{}",
        "{\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\":[1,2]}}}|t1|{\"a\":[1,2]}",
        "{\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}|t1|''",
        "{\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":null}}|t1|''",
        "{\"id\":\"t1\",\"function\":{\"name\":\"f\"}}|t1|''",
        "{\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"{oops\"}}|t1|{oops",
        "{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}|call_0|{}",
        "{\"id\":\"\",\"index\":null,\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}|call_0|{}",
      })
  void document_toolCalls_areReadInEveryShape(String call, String id, String arguments)
      throws Throwable {
    LmResponse response =
        choice(
            "{\"message\":{\"content\":null,\"tool_calls\":["
                + call
                + "]},\"finish_reason\":\"stop\"}");

    assertThat(response.toolCalls()).containsExactly(new ToolCall(id, "f", arguments));
    assertThat(response.completions().get(0).finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
  }

  @Test
  void document_functionCallOfOld_isAToolCall() throws Throwable {
    LmResponse response =
        choice("{\"message\":{\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}}}");

    assertThat(response.toolCalls()).containsExactly(new ToolCall("call_0", "f", "{}"));
  }

  @Test
  void events_toolCallInPieces_isAssembled() throws Throwable {
    LmResponse response =
        events(
            tool("{\"index\":0,\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}"),
            tool("{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}"),
            tool("{\"index\":1,\"id\":\"t2\",\"function\":{\"name\":\"g\",\"arguments\":\"[\"}}"),
            tool("{\"index\":0,\"function\":{\"arguments\":\"1}\"}}"),
            tool("{\"index\":1,\"function\":{\"arguments\":\"]\"}}"),
            STOP,
            "[DONE]");

    assertThat(response.toolCalls())
        .containsExactly(new ToolCall("t1", "f", "{\"a\":1}"), new ToolCall("t2", "g", "[]"));
  }

  @Test
  void events_parallelCallsWithOneIndex_areKeptApartById() throws Throwable {
    LmResponse response =
        events(
            tool("{\"index\":0,\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}"),
            tool("{\"index\":0,\"id\":\"t2\",\"function\":{\"name\":\"f\",\"arguments\":\"[\"}}"),
            tool("{\"index\":0,\"id\":\"t1\",\"function\":{\"arguments\":\"}\"}}"),
            tool("{\"index\":0,\"id\":\"t2\",\"function\":{\"arguments\":\"]\"}}"),
            STOP);

    assertThat(response.toolCalls())
        .containsExactly(new ToolCall("t1", "f", "{}"), new ToolCall("t2", "f", "[]"));
  }

  @Test
  void events_wholeCallsWithoutIdAndIndex_areKeptApart() throws Throwable {
    LmResponse response =
        events(
            tool("{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}"),
            tool("{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":2}}}"),
            STOP);

    assertThat(response.toolCalls())
        .containsExactly(
            new ToolCall("call_0", "f", "{\"a\":1}"), new ToolCall("call_1", "f", "{\"a\":2}"));
  }

  @Test
  void events_nameRepeatedWithEveryPiece_isOneCall() throws Throwable {
    LmResponse response =
        events(
            tool("{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}"),
            tool("{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\":1}\"}}"),
            STOP);

    assertThat(response.toolCalls()).containsExactly(new ToolCall("call_0", "f", "{\"a\":1}"));
  }

  @Test
  void events_emptySentinels_areIgnored() throws Throwable {
    LmResponse response =
        events(
            tool("{\"index\":0,\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}"),
            tool("{\"index\":1,\"id\":\"\",\"function\":{\"name\":\"\",\"arguments\":\"\"}}"),
            tool("{\"index\":1,\"function\":null}"),
            tool("null"),
            delta("{\"tool_calls\":null}"),
            STOP);

    assertThat(response.toolCalls()).containsExactly(new ToolCall("t1", "f", "{}"));
  }

  @Test
  void events_oddOnes_areSkipped() throws Throwable {
    LmResponse response =
        events(
            "{\"choices\":[],\"prompt_filter_results\":[{}]}",
            "{\"choices\":null}",
            "{\"type\":\"ping\"}",
            "",
            "{\"id\":\"i\",\"model\":\"real\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}",
            "{\"choices\":[{\"index\":0,\"delta\":null,\"finish_reason\":null}]}",
            delta("{\"content\":\"a\"}"),
            "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"\"}]}",
            STOP,
            " [DONE] ");

    assertThat(response.text()).isEqualTo("ab");
    assertThat(response.id()).isEqualTo("i");
    assertThat(response.model()).isEqualTo("real");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
        "{\"choices\":[],\"x_groq\":{\"id\":\"r\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}}",
        "{\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
      })
  void events_usage_isFoundWhereverItComes(String last) throws Throwable {
    LmResponse response = events(delta("{\"content\":\"a\"}"), STOP, last, "[DONE]");

    assertThat(response.usage().total()).isEqualTo(3);
  }

  @Test
  void events_doneWithoutFinishReason_isAnAnswerForUnknownReason() throws Throwable {
    LmResponse response = events(delta("{\"content\":\"a\"}"), "[DONE]");

    assertThat(response.text()).isEqualTo("a");
    assertThat(response.completions().get(0).finishReason()).isEqualTo(FinishReason.UNKNOWN);
  }

  @Test
  void events_thinkTagsAcrossPieces_areReasoning() throws Throwable {
    LmResponse response =
        events(
            delta("{\"content\":\"<th\"}"),
            delta("{\"content\":\"ink>h\"}"),
            delta("{\"content\":\"m</thi\"}"),
            delta("{\"content\":\"nk>\\n\"}"),
            delta("{\"content\":\"\\na\"}"),
            STOP);

    assertThat(response.text()).isEqualTo("a");
    assertThat(response.completions().get(0).reasoning()).isEqualTo("hm");
  }

  @Test
  void events_pairOfSurrogatesInTwoEvents_isOneCharacter() throws Throwable {
    LmResponse response =
        events(delta("{\"content\":\"\\ud83d\"}"), delta("{\"content\":\"\\ude00\"}"), STOP);

    assertThat(response.text()).isEqualTo("\ud83d\ude00");
  }

  @Test
  void events_severalCompletions_areKeptApart() throws Throwable {
    LmRequest two = LmRequest.of("x").withOptions(LmOptions.builder().n(2).build());

    LmResponse response =
        events(
            two,
            "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}",
            "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}",
            "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"B\"},\"finish_reason\":\"length\"}]}",
            STOP,
            "[DONE]");

    assertThat(response.completions()).extracting(Completion::text).containsExactly("a", "bB");
    assertThat(response.completions())
        .extracting(Completion::finishReason)
        .containsExactly(FinishReason.STOP, FinishReason.LENGTH);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void document_byteOrderMark_isNoFault(Form form) throws Throwable {
    byte[] response = RawServer.json("\uFEFF" + RawServer.answer("a"));
    try (RawServer server = new RawServer(RawServer.always(response));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThat(form.ask(model, "x").text()).isEqualTo("a");
    }
  }
}
