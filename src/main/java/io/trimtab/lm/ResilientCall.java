package io.trimtab.lm;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One call through all layers, from its first step to its only end. */
final class ResilientCall implements Deadlines.Bounded {

  /*
   * A chain of steps, none of which blocks:
   *
   *   begin -> cool-down? -> breaker -> rate -> slot -> send -> (answer | failure) -> end or begin
   *
   * Each step either goes on to the next or arranges for it to run later (a timer, a slot's queue)
   * on `executor`, which for a blocking call is the caller's own thread. What may arrive from the
   * side at any time (cancellation, a deadline, the answer) competes for two flags: Attempt.close
   * decides who ends the attempt, and `ended` who ends the call. Whoever wins gives back and tells;
   * everybody else finds nothing left to do. A step that takes something after the attempt was
   * closed gives it back itself (see Attempt).
   */

  /** How an attempt is made: as one answer, or as a stream. */
  interface Exchange {
    /** Starts an attempt; its result goes to {@code call.answered} or {@code call.failed}. */
    Attempt.Running start(LmRequest request, Attempt attempt, ResilientCall call);

    /** Tells whether the attempt's time ends with the first piece rather than the last. */
    boolean streamed();

    /** Tells whether nothing has reached the caller yet, so that starting over is invisible. */
    boolean repeatable();
  }

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final ResilientLanguageModel owner;
  private final ModelLimits limits;
  private final LmRequest request;
  private final Executor executor;
  private final Exchange exchange;
  private final BiConsumer<@Nullable LmResponse, @Nullable Throwable> onEnd;
  private final LmClock clock;
  private final long begun;
  private final long deadline;
  private final Duration timeout;
  private final AtomicBoolean ended = new AtomicBoolean();
  private @Nullable Attempt current; // guarded by this
  private LmClock.@Nullable Timer pause; // guarded by this
  private final AtomicInteger attempts = new AtomicInteger();
  private volatile @Nullable LmException lastFailure;

  ResilientCall(
      ResilientLanguageModel owner,
      ModelLimits limits,
      LmRequest request,
      Executor executor,
      Exchange exchange,
      BiConsumer<@Nullable LmResponse, @Nullable Throwable> onEnd) {
    this.owner = owner;
    this.limits = limits;
    this.request = request;
    this.executor = executor;
    this.exchange = exchange;
    this.onEnd = onEnd;
    this.clock = owner.clock();
    this.begun = clock.nanos();
    Duration asked = request.options().timeout();
    this.timeout = asked == null ? owner.settings().timeout() : asked;
    this.deadline = begun + Nanos.of(timeout);
  }

  void start() {
    owner.deadlines().watch(this);
    if (ended.get()) { // a stream cancelled while it was first asked; end() came before watch()
      owner.deadlines().forget(this);
    }
    if (owner.isListening()) {
      owner.tell(new LmEvent.Requested(limits.key, request));
    }
    limits.retryBudget.callMade();
    guarded(this::begin);
  }

  private void begin() {
    long cooling = limits.coolDown.remaining();
    if (cooling > 0) {
      waitForCoolDown(cooling);
      return;
    }
    Attempt attempt = new Attempt(limits);
    if (!install(attempt)) {
      return;
    }
    if (attempt.enterBreaker()) {
      enterRate(attempt);
    } else {
      reject(attempt, circuitOpen());
    }
  }

  private void waitForCoolDown(long cooling) {
    long wait = cooling + spread(cooling);
    if (wait >= remaining()) {
      Duration retryAfter = Duration.ofNanos(cooling);
      reject(
          null,
          new LmRateLimitedException(
              "expected the cool-down the provider asked for to end within the deadline, it lasts %s"
                  .formatted(retryAfter),
              retryAfter,
              origin(),
              lastFailure));
    } else {
      pause(wait, this::begin);
    }
  }

  private void enterRate(Attempt attempt) {
    RateWindow rate = limits.rate;
    if (rate == null) {
      enterSlots(attempt);
      return;
    }
    LmLimits.Settings settings = owner.limits().settings();
    long estimate =
        settings.tokensPerMinute() == Long.MAX_VALUE
            ? 0
            : settings.tokenEstimate().applyAsLong(request);
    if (estimate < 0) { // it would make room for others
      throw new IllegalArgumentException(
          "tokenEstimate must give at least 0 tokens, got %d for %s".formatted(estimate, request));
    }
    awaitPlace(attempt, attempt.enterRate(rate, estimate, longest(settings.rateWait())), estimate);
  }

  private void awaitPlace(Attempt attempt, RateWindow.Reservation reservation, long estimate) {
    RateWindow rate = limits.rate;
    RateWindow.Entry place = reservation.entry();
    if (rate == null || place == null) {
      reject(attempt, tooFast(reservation, estimate));
    } else if (reservation.delay() > 0) {
      Duration mostWait = owner.limits().settings().rateWait();
      pause(
          reservation.delay(),
          () -> awaitPlace(attempt, rate.pass(place, longest(mostWait)), estimate));
    } else {
      enterSlots(attempt);
    }
  }

  private void enterSlots(Attempt attempt) {
    Slots slots = limits.slots;
    if (slots == null) {
      send(attempt);
      return;
    }
    Duration maxWait = owner.limits().settings().concurrencyWait();
    boolean mayWait = maxWait == null || !maxWait.isZero();
    if (!attempt.enterSlots(slots, mayWait, () -> step(() -> send(attempt)))) {
      reject(attempt, tooMany(slots, Duration.ZERO));
    } else if (attempt.hasSlot()) {
      send(attempt);
    } else if (maxWait != null) {
      pause(Nanos.of(maxWait), () -> giveUpQueue(attempt, slots, maxWait));
    }
  }

  private void giveUpQueue(Attempt attempt, Slots slots, Duration waited) {
    if (!attempt.hasSlot()) {
      reject(attempt, tooMany(slots, waited));
    }
  }

  private void send(Attempt attempt) {
    if (attempt.isClosed() || !attempt.claim()) {
      return;
    }
    unpause();
    if (!attempt.stillPermitted()) {
      reject(attempt, circuitOpen());
      return;
    }
    long now = clock.nanos();
    long left = deadline - now;
    if (left <= 0) {
      attempt.close(Breaker.Report.NOTHING, null);
      end(null, overallTimeout());
      return;
    }
    long attemptTime = Math.min(left, Nanos.of(owner.settings().attemptTimeout()));
    attempts.incrementAndGet();
    attempt.sending(now + attemptTime);
    Duration limit = Duration.ofNanos(exchange.streamed() ? left : attemptTime);
    try {
      attempt.started(exchange.start(request.withTimeout(limit), attempt, this));
    } catch (RuntimeException | Error e) {
      failed(attempt, e);
    }
  }

  /** Ends the call with its answer. */
  void answered(Attempt attempt, LmResponse response) {
    if (attempt.close(Breaker.Report.SUCCESS, response.usage())) {
      end(response, null);
    }
  }

  /** Tries again, or ends the call with the failure. */
  void failed(Attempt attempt, Throwable error) {
    Throwable failure = ours(error);
    if (!attempt.close(Verdict.report(failure), null)) {
      return;
    }
    if (failure instanceof LmRateLimitedException limited) {
      coolDown(limited);
    }
    if (failure instanceof LmException known && known.retryable() && exchange.repeatable()) {
      lastFailure = known;
      retryOrEnd(known);
    } else {
      end(null, failure);
    }
  }

  /** Keeps a stream's attempt alive once it flows: only the whole call's deadline bounds it now. */
  void flowing(Attempt attempt) {
    attempt.extend(deadline);
  }

  private void coolDown(LmRateLimitedException limited) {
    Duration asked = limited.retryAfter();
    if (asked != null) {
      Duration most = owner.limits().settings().maxCoolDown();
      limits.coolDown.extend(asked.compareTo(most) < 0 ? asked : most);
    }
  }

  private void retryOrEnd(LmException failure) {
    int made = attempts.get();
    Duration wish = Verdict.retryAfter(failure);
    long asked = wish == null ? 0 : Nanos.of(wish);
    long wait = Math.max(owner.backoff(made), asked + spread(asked));
    if (made < owner.settings().attempts()
        && wait < remaining()
        && limits.retryBudget.takeRetry()) {
      if (owner.isListening()) {
        owner.tell(new LmEvent.Retrying(limits.key, failure, made, Duration.ofNanos(wait)));
      }
      pause(wait, this::begin);
    } else {
      end(null, failure);
    }
  }

  /** The model's deadline was our attempt's, so its overall time-out is our attempt's time-out. */
  private Throwable ours(Throwable error) {
    Throwable failure = LmFutures.cause(error);
    if (failure instanceof LmTimeoutException timedOut
        && timedOut.deadline() == LmTimeoutException.Deadline.OVERALL) {
      return remaining() > 0 && !exchange.streamed()
          ? attemptTimeout(timedOut)
          : new LmTimeoutException(
              LmTimeoutException.Deadline.OVERALL, timeout, origin(), timedOut);
    }
    if (failure instanceof CancellationException) {
      return new LmCancelledException(
          "expected an answer, but the model cancelled the call", false, origin(), failure);
    }
    return failure;
  }

  /** Ends the call because its caller gave up. */
  void cancel() {
    end(
        null,
        new LmCancelledException(
            "expected an answer, but the call was cancelled", false, origin(), null));
  }

  @Override
  public void abort() {
    end(
        null,
        new LmCancelledException(
            "expected an answer, but the model was closed", false, origin(), null));
  }

  @Override
  public void tick(long now) {
    Attempt attempt;
    synchronized (this) {
      attempt = current;
    }
    if (deadline - now <= 0) {
      LmTimeoutException failure = overallTimeout();
      if (attempt != null && attempt.wasSent()) {
        attempt.close(Breaker.Report.FAILURE, null); // it had its time and did not answer
      }
      end(null, failure);
    } else if (attempt != null && attempt.overdue(now) && !attempt.isClosed()) {
      step(() -> failed(attempt, attemptTimeout(null)));
    }
  }

  private void reject(@Nullable Attempt attempt, LmException reason) {
    if (attempt != null && !attempt.close(Breaker.Report.NOTHING, null)) {
      return;
    }
    if (owner.isListening()) {
      owner.tell(new LmEvent.Rejected(limits.key, reason));
    }
    end(null, reason);
  }

  /** Ends the call; false if it had ended before. */
  private boolean end(@Nullable LmResponse response, @Nullable Throwable failure) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    owner.deadlines().forget(this);
    unpause();
    Attempt attempt;
    synchronized (this) {
      attempt = current;
    }
    if (attempt != null) {
      attempt.close(Breaker.Report.NOTHING, null);
    }
    if (owner.isListening()) {
      Duration elapsed = Duration.ofNanos(clock.nanos() - begun);
      owner.tell(
          failure == null && response != null
              ? new LmEvent.Responded(limits.key, response, attempts.get(), elapsed)
              : new LmEvent.Failed(limits.key, known(failure), attempts.get(), elapsed));
    }
    onEnd.accept(response, failure);
    return true;
  }

  private static Throwable known(@Nullable Throwable failure) {
    return failure == null
        ? new AssertionError("a call ends with an answer or a failure")
        : failure;
  }

  /** Makes an attempt the current one; false if the call has ended. */
  private boolean install(Attempt attempt) {
    synchronized (this) {
      current = attempt;
    }
    if (ended.get()) { // end() may have seen the attempt before this one
      attempt.close(Breaker.Report.NOTHING, null);
      return false;
    }
    return true;
  }

  private void pause(long wait, Runnable next) {
    LmClock.Timer timer = clock.schedule(Duration.ofNanos(wait), () -> step(() -> resume(next)));
    synchronized (this) {
      pause = timer;
    }
    if (ended.get()) {
      timer.cancel();
    }
  }

  private void resume(Runnable next) {
    if (!ended.get()) {
      guarded(next);
    }
  }

  /**
   * Runs a step on the executor; where that has been shut down, on this thread, so that nobody
   * waits for ever: neither this call nor the one whose end lets this one in.
   */
  private void step(Runnable step) {
    try {
      executor.execute(step);
    } catch (RejectedExecutionException e) {
      step.run();
    }
  }

  /** Ends the call with what a step throws, such as a caller's own estimate of tokens. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      if (!end(null, e)) {
        throw e; // by the subscriber that heard of the end
      }
    }
  }

  private void unpause() {
    LmClock.Timer timer;
    synchronized (this) {
      timer = pause;
      pause = null;
    }
    if (timer != null) {
      timer.cancel();
    }
  }

  /** Spreads callers that were told to wait equally long over at most a quarter of a second. */
  private long spread(long wait) {
    return owner.jitter(Math.min(wait, SECOND) / 4);
  }

  private long remaining() {
    return deadline - clock.nanos();
  }

  private long longest(@Nullable Duration configured) {
    long left = remaining();
    return configured == null ? left : Math.min(left, Nanos.of(configured));
  }

  private LmErrorOrigin origin() {
    return LmErrorOrigin.of(limits.key);
  }

  private LmTimeoutException overallTimeout() {
    return new LmTimeoutException(
        LmTimeoutException.Deadline.OVERALL, timeout, origin(), lastFailure);
  }

  private LmTimeoutException attemptTimeout(@Nullable Throwable cause) {
    return new LmTimeoutException(
        LmTimeoutException.Deadline.ATTEMPT, owner.settings().attemptTimeout(), origin(), cause);
  }

  private LmCircuitOpenException circuitOpen() {
    Breaker breaker = limits.breaker;
    Duration retryAfter = breaker == null ? Duration.ZERO : breaker.retryAfter();
    return new LmCircuitOpenException(
        "expected a closed circuit breaker, it is open for another " + retryAfter,
        retryAfter,
        origin(),
        lastFailure);
  }

  private LmOverloadedException tooFast(RateWindow.Reservation reservation, long estimate) {
    boolean never = reservation.delay() == Long.MAX_VALUE;
    Duration retryAfter = never ? null : Duration.ofNanos(reservation.delay());
    LmLimits.Settings settings = owner.limits().settings();
    return new LmOverloadedException(
        reservation.byTokens()
            ? "expected room for about %d tokens within %d per minute, there is none for %s"
                .formatted(
                    estimate, settings.tokensPerMinute(), never ? "such a call ever" : retryAfter)
            : "expected room within %d requests per minute, there is none for %s"
                .formatted(settings.requestsPerMinute(), retryAfter),
        reservation.byTokens()
            ? LmOverloadedException.Limit.TOKENS
            : LmOverloadedException.Limit.REQUESTS,
        retryAfter,
        origin());
  }

  private LmOverloadedException tooMany(Slots slots, Duration waited) {
    return new LmOverloadedException(
        "expected one of %d concurrent calls to end within %s, none did"
            .formatted(slots.size(), waited),
        LmOverloadedException.Limit.CONCURRENCY,
        null,
        origin());
  }
}
