package io.trimtab.lm;

import java.time.Duration;

/** Something that happened on the way to an answer, told to an {@link LmListener}. */
public sealed interface LmEvent {

  /**
   * Returns whom the event is about.
   *
   * @return the model's key
   */
  ModelKey key();

  /**
   * A call began.
   *
   * @param key who is asked
   * @param request what is asked; it prints its shape only, but holds the prompt
   */
  record Requested(ModelKey key, LmRequest request) implements LmEvent {}

  /**
   * A call succeeded.
   *
   * @param key who answered
   * @param response the answer; it prints its shape only, but holds the text
   * @param attempts how many attempts it took, at least 1
   * @param elapsed from the call's beginning, waits included
   */
  record Responded(ModelKey key, LmResponse response, int attempts, Duration elapsed)
      implements LmEvent {}

  /**
   * A call failed for good.
   *
   * @param key who was asked
   * @param failure what the caller gets; after a cancellation, an {@link LmCancelledException}
   * @param attempts how many attempts were made, 0 if nothing was sent
   * @param elapsed from the call's beginning, waits included
   */
  record Failed(ModelKey key, Throwable failure, int attempts, Duration elapsed)
      implements LmEvent {}

  /**
   * An attempt failed and another will follow.
   *
   * @param key who is asked
   * @param failure what the attempt failed with
   * @param attempt which attempt failed, from 1
   * @param delay how long until the next
   */
  record Retrying(ModelKey key, LmException failure, int attempt, Duration delay)
      implements LmEvent {}

  /**
   * An attempt was refused on this side, by the breaker, a limit or a cool-down; nothing was sent.
   *
   * @param key who would have been asked
   * @param reason what the caller gets
   */
  record Rejected(ModelKey key, LmException reason) implements LmEvent {}

  /**
   * A circuit breaker changed its state.
   *
   * @param key whose breaker
   * @param from the state before
   * @param to the state now
   */
  record BreakerChanged(ModelKey key, BreakerState from, BreakerState to) implements LmEvent {}
}
