package io.trimtab.lm;

import java.util.concurrent.atomic.AtomicLong;

/** Keeps retries a small share of all calls, so that an outage is not answered with a storm. */
final class RetryBudget {

  /*
   * A purse of thousandths: every call pays in `ratio`, every retry takes out one, and it holds at
   * most `capacity`. It starts full, so that a first failure may be retried. The purse belongs to
   * the key: many clients of a failing model share it.
   */

  private static final long ONE = 1000;

  private final long capacity;
  private final long deposit;
  private final AtomicLong purse;

  RetryBudget(double ratio, int capacity) {
    this.capacity = capacity * ONE;
    this.deposit = Math.round(ratio * ONE);
    this.purse = new AtomicLong(this.capacity);
  }

  void callMade() {
    if (purse.get() < capacity) {
      purse.getAndUpdate(p -> Math.min(capacity, p + deposit));
    }
  }

  boolean takeRetry() {
    return purse.getAndUpdate(p -> p >= ONE ? p - ONE : p) >= ONE;
  }
}
