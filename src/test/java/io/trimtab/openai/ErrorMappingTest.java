package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trimtab.lm.LmAuthenticationException;
import io.trimtab.lm.LmConfigurationException;
import io.trimtab.lm.LmContentFilteredException;
import io.trimtab.lm.LmContextLengthException;
import io.trimtab.lm.LmException;
import io.trimtab.lm.LmInvalidRequestException;
import io.trimtab.lm.LmMalformedResponseException;
import io.trimtab.lm.LmQuotaExhaustedException;
import io.trimtab.lm.LmRateLimitedException;
import io.trimtab.lm.LmServerException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every form of error that servers are known to answer with, in each form of call. */
final class ErrorMappingTest {

  private static Arguments error(
      int status, String body, Class<? extends LmException> type, String words) {
    return Arguments.of(status, body, type, words);
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        error(
            400,
            "{\"error\":{\"message\":\"bad thing\",\"type\":\"t\",\"param\":\"p\",\"code\":null}}",
            LmInvalidRequestException.class,
            "bad thing"),
        error(
            400, "{\"error\":\"model not loaded\"}", LmInvalidRequestException.class, "not loaded"),
        error(
            400,
            "{\"object\":\"error\",\"message\":\"old vllm\",\"code\":400}",
            LmInvalidRequestException.class,
            "old vllm"),
        error(422, "{\"detail\":\"no way\"}", LmInvalidRequestException.class, "no way"),
        error(
            422,
            "{\"detail\":[{\"loc\":[\"body\",\"top\"],\"msg\":\"required\",\"input\":\"PROMPT\"}]}",
            LmInvalidRequestException.class,
            "body.top: required"),
        error(
            400,
            "[{\"error\":{\"code\":400,\"message\":\"google says\",\"status\":\"INVALID\"}}]",
            LmInvalidRequestException.class,
            "google says"),
        error(404, "{\"message\":\"no such model\"}", LmInvalidRequestException.class, "no such"),
        error(500, "Internal Server Error", LmServerException.class, "Internal Server Error"),
        error(
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>",
            LmServerException.class,
            "502 Bad Gateway"),
        error(503, "", LmServerException.class, "empty body"),
        error(
            529, "{\"error\":{\"message\":\"overloaded\"}}", LmServerException.class, "overloaded"),
        error(408, "{}", LmServerException.class, "empty"),
        error(
            401,
            "{\"error\":{\"message\":\"bad key\"}}",
            LmAuthenticationException.class,
            "bad key"),
        error(403, "{}", LmAuthenticationException.class, "refuses the key"),
        error(402, "{\"error\":{\"message\":\"pay\"}}", LmQuotaExhaustedException.class, "pay"),
        error(
            429,
            "{\"error\":{\"message\":\"You exceeded your quota\",\"code\":\"insufficient_quota\"}}",
            LmQuotaExhaustedException.class,
            "exceeded your quota"),
        error(
            429,
            "{\"error\":{\"message\":\"INSUFFICIENT QUOTA: too many at once\"}}",
            LmRateLimitedException.class,
            "too many at once"),
        error(
            400,
            "{\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\"}}",
            LmContextLengthException.class,
            "too long"),
        error(
            400,
            "{\"error\":{\"message\":\"This model's maximum context length is 4097 tokens\"}}",
            LmContextLengthException.class,
            "4097"),
        error(413, "", LmContextLengthException.class, "prompt is too long"),
        error(
            400,
            "{\"error\":{\"message\":\"filtered\",\"code\":\"content_filter\",\"innererror\":"
                + "{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
            LmContentFilteredException.class,
            "filtered"),
        error(301, "", LmConfigurationException.class, "redirect"),
        error(200, "", LmMalformedResponseException.class, "nothing"),
        error(200, "<html>hello</html>", LmMalformedResponseException.class, "cannot be used"),
        error(200, "{}", LmMalformedResponseException.class, "without choices"),
        error(200, "{\"choices\":null}", LmMalformedResponseException.class, "without choices"),
        error(200, "{\"choices\":[]}", LmMalformedResponseException.class, "without choices"),
        error(200, "{\"choices\":[{}]}", LmMalformedResponseException.class, "neither"),
        error(
            200,
            "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}]}",
            LmMalformedResponseException.class,
            "neither"),
        error(
            200,
            "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"error\"}]}",
            LmServerException.class,
            "finish reason"),
        error(
            200,
            "{\"error\":{\"message\":\"upstream down\",\"code\":502}}",
            LmServerException.class,
            "upstream down"),
        error(
            200,
            "{\"error\":{\"message\":\"slow down\",\"code\":429},\"choices\":null}",
            LmRateLimitedException.class,
            "slow down"),
        error(200, "{\"error\":\"something broke\"}", LmServerException.class, "something broke"),
        error(
            200,
            "[{\"error\":{\"code\":503,\"message\":\"try later\"}}]",
            LmServerException.class,
            "try later"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void ask_error_becomesItsType(
      int status, String body, Class<? extends LmException> type, String words) throws Throwable {
    byte[] response = RawServer.response(status + " X", "x-request-id: req-7\r\n", body);
    try (RawServer server = new RawServer(RawServer.always(response));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      for (Form form : Form.values()) {
        Throwable failure = catchThrowable(() -> form.ask(model, "x"));

        assertThat(failure).as(form.name()).isExactlyInstanceOf(type);
        assertThat(failure).hasMessageContaining(words).hasMessageNotContaining("PROMPT");
        assertThat(((LmException) failure).status()).isEqualTo(status);
        if (status != 200) {
          assertThat(((LmException) failure).requestId()).isEqualTo("req-7");
        }
      }
    }
  }

  @Test
  void generate_rateLimited_carriesTheWait() throws Exception {
    String[][] cases = {
      {"Retry-After: 7\r\n", "{}", "PT7S"},
      {"retry-after-ms: 20\r\n", "{}", "PT0.02S"},
      {"", "{\"error\":{\"message\":\"Please try again in 6m0s.\"}}", "PT6M"},
      {"x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 55\r\n", "{}", "PT55S"},
      {"Retry-After: -1\r\n", "{}", null},
      {"", "{}", null},
    };
    for (String[] each : cases) {
      byte[] response = RawServer.response("429 Too Many Requests", each[0], each[1]);
      try (RawServer server = new RawServer(RawServer.always(response));
          OpenAiModel model = OpenAiModelTest.at(server).build()) {
        Throwable failure = catchThrowable(() -> Form.BLOCKING.ask(model, "x"));

        assertThat(((LmRateLimitedException) failure).retryAfter())
            .isEqualTo(each[2] == null ? null : Duration.parse(each[2]));
      }
    }
  }
}
