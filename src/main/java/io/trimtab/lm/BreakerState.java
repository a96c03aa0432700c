package io.trimtab.lm;

/** What a circuit breaker does with calls. */
public enum BreakerState {
  /** Lets every call through and counts failures. */
  CLOSED,
  /** Refuses every call. */
  OPEN,
  /** Lets a few probes through to see whether the model is well again. */
  HALF_OPEN
}
