package io.trimtab.lm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a failure says about the health of the model. */
final class Verdict {

  private Verdict() {}

  /** Tells what the breaker is to learn from the end of an attempt. */
  static Breaker.Report report(Throwable failure) {
    if (failure instanceof LmServerException
        || failure instanceof LmTransportException
        || failure instanceof LmTimeoutException
        || failure instanceof LmMalformedResponseException) {
      return Breaker.Report.FAILURE;
    }
    // a refusal is an answer: the server lives, and one bad request must not shut out the others
    if (failure instanceof LmRateLimitedException
        || failure instanceof LmQuotaExhaustedException
        || failure instanceof LmInvalidRequestException
        || failure instanceof LmContextLengthException
        || failure instanceof LmContentFilteredException
        || failure instanceof LmAuthenticationException) {
      return Breaker.Report.ALIVE;
    }
    return Breaker.Report.NOTHING;
  }

  /** Returns how long the server wants to be left alone, or null if it does not say. */
  static @Nullable Duration retryAfter(LmException failure) {
    if (failure instanceof LmRateLimitedException limited) {
      return limited.retryAfter();
    }
    return failure instanceof LmServerException server ? server.retryAfter() : null;
  }
}
