package io.trimtab.lm;

import java.time.Duration;

/** The failures tests are about, made short. */
final class Failures {

  static final ModelKey KEY = ModelKey.local("scripted", "scripted");

  private Failures() {}

  static LmException server() {
    return new LmServerException("broken", LmErrorOrigin.of(KEY, 500), null);
  }

  static LmException badRequest() {
    return new LmInvalidRequestException("refused", null, LmErrorOrigin.of(KEY, 400), null);
  }

  static LmException rateLimited(Duration retryAfter) {
    return new LmRateLimitedException("slow down", retryAfter, LmErrorOrigin.of(KEY, 429), null);
  }

  static LmException quota() {
    return new LmQuotaExhaustedException("pay", LmErrorOrigin.of(KEY, 429), null);
  }

  static LmException transport() {
    return new LmTransportException("reset", true, LmErrorOrigin.of(KEY), null);
  }
}
