package io.trimtab.lm;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Spreads calls so that no minute holds more requests or tokens than allowed. */
final class RateWindow {

  /*
   * Sliding log: every admitted call is an entry (time, tokens), and a new call gets the earliest
   * time, now or later, at which the entries of the last minute leave room for it. In contrast to
   * a token bucket or a fixed window this holds for *every* minute, not for aligned ones, and an
   * entry can be taken back (the caller gave up) or corrected (the true token count is known),
   * which Resilience4j's limiter cannot. Nobody sleeps in here: callers wait elsewhere.
   *
   * Entries are ordered by time. A reservation looks at as many of the oldest entries as callers
   * are waiting, so its cost is O(waiting); memory is O(requests per minute).
   */

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  /** A place in the window. */
  static final class Entry {
    private final long at;
    private long tokens; // guarded by the window's lock
    private boolean linked; // guarded by the window's lock
    private @Nullable Entry older; // guarded by the window's lock
    private @Nullable Entry newer; // guarded by the window's lock

    private Entry(long at, long tokens) {
      this.at = at;
      this.tokens = tokens;
    }

    /** When the call may be made, on the clock's counter. */
    long at() {
      return at;
    }
  }

  /**
   * The answer to a reservation.
   *
   * @param entry the place, or null if the call was refused
   * @param delay how long until the place, or until there would have been one
   * @param byTokens whether tokens rather than requests were short
   */
  record Reservation(@Nullable Entry entry, long delay, boolean byTokens) {}

  private final LmClock clock;
  private final long maxRequests;
  private final long maxTokens;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Entry oldest; // guarded by lock
  private @Nullable Entry newest; // guarded by lock
  private long requests; // guarded by lock
  private long tokens; // guarded by lock

  RateWindow(LmClock clock, long maxRequests, long maxTokens) {
    this.clock = clock;
    this.maxRequests = maxRequests;
    this.maxTokens = maxTokens;
  }

  /** Takes the earliest place that is no further away than {@code maxWait} nanoseconds. */
  Reservation reserve(long estimate, long maxWait) {
    lock.lock();
    try {
      long now = clock.nanos();
      forgetBefore(now - MINUTE);
      if (estimate > maxTokens) {
        return new Reservation(null, Long.MAX_VALUE, true);
      }
      long at = now;
      boolean byTokens = false;
      long requestsLeft = requests;
      long tokensLeft = tokens;
      for (Entry e = oldest; e != null; e = e.newer) {
        boolean tokensFit = tokensLeft + estimate <= maxTokens;
        if (requestsLeft < maxRequests && tokensFit) {
          break;
        }
        byTokens = !tokensFit;
        at = Math.max(at, e.at + MINUTE);
        requestsLeft--;
        tokensLeft -= e.tokens;
      }
      if (newest != null) {
        at = Math.max(at, newest.at); // first come, first served
      }
      if (at - now > maxWait) {
        return new Reservation(null, at - now, byTokens);
      }
      return new Reservation(append(at, estimate), at - now, byTokens);
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the estimate of a call by its true count. */
  void correct(Entry entry, long actual) {
    lock.lock();
    try {
      if (entry.linked) {
        tokens += actual - entry.tokens;
        entry.tokens = actual;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives a place back that was not used. */
  void giveBack(Entry entry) {
    lock.lock();
    try {
      if (entry.linked) {
        unlink(entry);
      }
    } finally {
      lock.unlock();
    }
  }

  private void forgetBefore(long time) {
    while (oldest != null && oldest.at <= time) {
      unlink(oldest);
    }
  }

  private Entry append(long at, long estimate) {
    Entry entry = new Entry(at, estimate);
    entry.linked = true;
    entry.older = newest;
    if (newest == null) {
      oldest = entry;
    } else {
      newest.newer = entry;
    }
    newest = entry;
    requests++;
    tokens += estimate;
    return entry;
  }

  private void unlink(Entry entry) {
    if (entry.older == null) {
      oldest = entry.newer;
    } else {
      entry.older.newer = entry.newer;
    }
    if (entry.newer == null) {
      newest = entry.older;
    } else {
      entry.newer.older = entry.older;
    }
    entry.linked = false;
    requests--;
    tokens -= entry.tokens;
  }

  /** Returns how many calls the last minute holds, those still waiting included. */
  long requests() {
    lock.lock();
    try {
      forgetBefore(clock.nanos() - MINUTE);
      return requests;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many tokens the last minute holds, those still waiting included. */
  long tokens() {
    lock.lock();
    try {
      forgetBefore(clock.nanos() - MINUTE);
      return tokens;
    } finally {
      lock.unlock();
    }
  }
}
