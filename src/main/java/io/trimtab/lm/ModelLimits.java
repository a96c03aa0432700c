package io.trimtab.lm;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Everything the callers of one model key share. */
final class ModelLimits {

  final ModelKey key;
  final @Nullable Breaker breaker;
  final @Nullable RateWindow rate;
  final @Nullable Slots slots;
  final CoolDown coolDown;
  final RetryBudget retryBudget;
  final Listeners listeners = new Listeners();
  final AtomicInteger holders = new AtomicInteger();

  ModelLimits(LmLimits.Settings settings, ModelKey key) {
    this.key = key;
    LmClock clock = settings.clock();
    breaker =
        settings.failures() == 0
            ? null
            : new Breaker(
                key,
                settings.failures(),
                settings.openFor(),
                settings.probes(),
                settings.halfOpenLimit(),
                clock,
                (from, to) -> listeners.tell(new LmEvent.BreakerChanged(key, from, to)));
    boolean unlimited =
        settings.requestsPerMinute() == Long.MAX_VALUE
            && settings.tokensPerMinute() == Long.MAX_VALUE;
    rate =
        unlimited
            ? null
            : new RateWindow(clock, settings.requestsPerMinute(), settings.tokensPerMinute());
    slots =
        settings.concurrency() == Integer.MAX_VALUE
            ? null
            : new Slots(key.toString(), settings.concurrency());
    coolDown = new CoolDown(clock);
    retryBudget = new RetryBudget(settings.retryRatio(), settings.retryReserve());
  }

  /** Tells whether forgetting it would change nothing for anybody. */
  boolean idle() {
    return holders.get() == 0
        && (breaker == null || breaker.state() == BreakerState.CLOSED)
        && (rate == null || rate.requests() == 0)
        && (slots == null || slots.free() == slots.size())
        && coolDown.remaining() == 0;
  }
}
