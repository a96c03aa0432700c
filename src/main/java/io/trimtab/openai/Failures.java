package io.trimtab.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.trimtab.lm.LmAuthenticationException;
import io.trimtab.lm.LmCancelledException;
import io.trimtab.lm.LmConfigurationException;
import io.trimtab.lm.LmContentFilteredException;
import io.trimtab.lm.LmContextLengthException;
import io.trimtab.lm.LmErrorOrigin;
import io.trimtab.lm.LmException;
import io.trimtab.lm.LmInvalidRequestException;
import io.trimtab.lm.LmMalformedResponseException;
import io.trimtab.lm.LmQuotaExhaustedException;
import io.trimtab.lm.LmRateLimitedException;
import io.trimtab.lm.LmServerException;
import io.trimtab.lm.LmTimeoutException;
import io.trimtab.lm.LmTimeoutException.Deadline;
import io.trimtab.lm.LmTransportException;
import io.trimtab.lm.ModelKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one place where what servers, sockets and clocks say becomes one of our exceptions, with
 * every key masked.
 */
final class Failures {

  private static final HttpHeaders NO_HEADERS = HttpHeaders.of(Map.of(), (name, value) -> true);

  private final ModelKey key;
  private final Redaction redaction;
  private final InstantSource clock;

  Failures(ModelKey key, Redaction redaction, InstantSource clock) {
    this.key = key;
    this.redaction = redaction;
    this.clock = clock;
  }

  Failures of(ModelKey other) {
    return other.equals(key) ? this : new Failures(other, redaction, clock);
  }

  /** Judges a response whose status is not 2xx. */
  LmException refused(Refusal refusal) {
    return judged(refusal.status(), refusal.status(), refusal.headers(), refusal.said());
  }

  /** Judges an error that came with status 200, as a whole body or as an event of a stream. */
  LmException inBody(HttpHeaders headers, @Nullable Object error) {
    ErrorBody said = ErrorBody.of(error);
    int claimed = said.claimedStatus();
    int like = claimed != 0 ? claimed : said.isCode("rate_limit_exceeded") ? 429 : 502;
    return judged(200, like, headers, said);
  }

  private LmException judged(int status, int like, HttpHeaders headers, ErrorBody said) {
    LmErrorOrigin origin = origin(status, headers);
    String text = redaction.of(said.message());
    String words = text.isEmpty() ? "an empty body" : '"' + text + '"';
    if (like >= 300 && like < 400) {
      return new LmConfigurationException(
          "expected an answer, got a redirect, which is never followed; set the base URL to"
              + " where the server really is",
          origin,
          null);
    }
    if (said.isCode("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
        || like == 402) {
      return new LmQuotaExhaustedException(
          "the provider's quota is used up: " + words, origin, null);
    }
    if (like == 429) {
      Duration wait =
          RetryAfter.read(headers, said.message(), clock)
              .or(() -> RateLimitHeaders.untilReset(headers))
              .orElse(null);
      return new LmRateLimitedException(
          "the provider limits the rate: " + words, wait, origin, null);
    }
    if (like >= 500 || like == 408 || like == 409 || like == 425) {
      Duration wait = RetryAfter.read(headers, null, clock).orElse(null);
      return new LmServerException("the server failed: " + words, wait, origin, null);
    }
    if (like == 401 || like == 403) {
      return new LmAuthenticationException("the server refuses the key: " + words, origin, null);
    }
    return badRequest(like, said, words, origin);
  }

  private LmException badRequest(int like, ErrorBody said, String words, LmErrorOrigin origin) {
    if (like == 413
        || said.isCode(
            "context_length_exceeded", "exceed_context_size_error", "string_above_max_length")
        || said.says(
            "maximum context length",
            "context length exceeded",
            "exceeds the context",
            "exceeds the available context",
            "context window",
            "prompt is too long",
            "input is too long")) {
      return new LmContextLengthException("the prompt is too long: " + words, origin, null);
    }
    if (said.isCode(
        "content_filter",
        "content_policy_violation",
        "ResponsibleAIPolicyViolation",
        "moderation_blocked")) {
      return new LmContentFilteredException(
          "the provider refuses the content: " + words, origin, null);
    }
    String param = said.isCode("model_not_found") ? "model" : said.param();
    return new LmInvalidRequestException(
        "the server refuses the request: " + words, param, origin, null);
  }

  /** Judges a connection that could not be made or broke. */
  LmException transport(IOException cause, TimeLimits limits) {
    IOException safe = redaction.of(cause);
    if (cause instanceof HttpConnectTimeoutException) {
      return timeout(Deadline.CONNECT, limits.connect(), safe);
    }
    if (cause instanceof HttpTimeoutException) {
      boolean overall = limits.totalBy() - limits.headBy() <= 0;
      return overall
          ? timeout(limits.totalKind(), limits.total(), safe)
          : timeout(Deadline.FIRST_BYTE, limits.firstHeader(), safe);
    }
    if (has(cause, UnresolvedAddressException.class) || has(cause, UnknownHostException.class)) {
      return new LmTransportException(
          "the server's name cannot be resolved", /* maybeSent= */ false, origin(), safe);
    }
    if (has(cause, ConnectException.class)) {
      return new LmTransportException(
          "the server accepts no connection", /* maybeSent= */ false, origin(), safe);
    }
    return new LmTransportException(
        "the connection broke: " + described(safe), /* maybeSent= */ true, origin(), safe);
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (type.isInstance(e)) {
        return true;
      }
    }
    return false;
  }

  private static String described(Throwable failure) {
    String message =
        failure instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }

  LmException timeout(Deadline deadline, Duration limit) {
    return timeout(deadline, limit, null);
  }

  private LmException timeout(Deadline deadline, Duration limit, @Nullable IOException cause) {
    return new LmTimeoutException(deadline, limit, origin(), cause);
  }

  /** Says that a stream stopped before its answer was whole. */
  LmException truncated(String what) {
    return new LmTransportException(what, /* maybeSent= */ true, origin(200, NO_HEADERS), null);
  }

  /** Says that the server broke off a completion, as some report in its finish reason. */
  LmException gaveUp(String finishReason) {
    return new LmServerException(
        "the server gave the answer up, finish reason \"" + redaction.of(finishReason) + '"',
        origin(200, NO_HEADERS),
        null);
  }

  LmException malformed(String what) {
    return new LmMalformedResponseException(redaction.of(what), origin(200, NO_HEADERS), null);
  }

  LmException malformed(Exception cause) {
    Exception safe = redaction.of(cause);
    return new LmMalformedResponseException(
        "the response cannot be used: " + described(safe), origin(200, NO_HEADERS), safe);
  }

  LmException cancelled() {
    return new LmCancelledException(
        "the call was cancelled", /* interrupted= */ false, origin(), null);
  }

  LmException closed() {
    return new LmCancelledException(
        "the model was closed during the call", /* interrupted= */ false, origin(), null);
  }

  LmException interrupted(InterruptedException cause) {
    return new LmCancelledException(
        "the thread was interrupted", /* interrupted= */ true, origin(), cause);
  }

  LmException unencodable(IOException cause) {
    return new LmInvalidRequestException(
        "the request cannot be written as JSON: expected text of whole characters, got an unpaired"
            + " surrogate or a value without JSON form",
        null,
        origin(),
        redaction.of(cause));
  }

  private LmErrorOrigin origin() {
    return LmErrorOrigin.of(key);
  }

  private LmErrorOrigin origin(int status, HttpHeaders headers) {
    String id =
        headers
            .firstValue("x-request-id")
            .or(() -> headers.firstValue("apim-request-id"))
            .filter(text -> text.length() <= 200)
            .map(redaction::of)
            .orElse(null);
    return new LmErrorOrigin(key, status, id);
  }
}
