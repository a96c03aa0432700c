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
   * A call passes when its time has come and is made later still if it then queues for a slot. So
   * one that has passed and was not made yet stands for a call of any time, and does not expire: a
   * call passes only while those made in the last minute and those that may be made at any moment
   * leave room for it. Hence, at any time, whichever of the last minute's calls passed last was
   * counted together with all the others. A place in the future is a forecast, which is made anew
   * when it has come.
   *
   * Entries are ordered by time. A step looks at as many entries as callers are waiting, so its
   * cost is O(waiting); memory is O(requests per minute).
   */

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  /** A place in the window. */
  static final class Entry {
    private long at; // guarded by the window's lock
    private long tokens; // guarded by the window's lock
    private boolean passed; // guarded by the window's lock
    private boolean used; // guarded by the window's lock
    private boolean linked; // guarded by the window's lock
    private @Nullable Entry older; // guarded by the window's lock
    private @Nullable Entry newer; // guarded by the window's lock

    private Entry(long at, long tokens) {
      this.at = at;
      this.tokens = tokens;
    }
  }

  /**
   * The answer to a reservation.
   *
   * @param entry the place, or null if the call was refused
   * @param delay how long until the place may be passed, or until it could have been; 0 if it is
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
  private long passedRequests; // guarded by lock
  private long passedTokens; // guarded by lock

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
      Entry entry = add(new Entry(at, estimate));
      if (at == now) {
        pass(entry);
      }
      return new Reservation(entry, at - now, byTokens);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Passes a place whose time has come, or puts it off to when there will be room; refuses one that
   * would have to wait longer than {@code maxWait} nanoseconds, and keeps it.
   */
  Reservation pass(Entry entry, long maxWait) {
    lock.lock();
    try {
      long now = clock.nanos();
      forgetBefore(now - MINUTE);
      long at = now;
      boolean byTokens = false;
      long requestsLeft = passedRequests;
      long tokensLeft = passedTokens;
      for (Entry e = oldest; e != null; e = e.newer) {
        boolean tokensFit = tokensLeft + entry.tokens <= maxTokens;
        if (requestsLeft < maxRequests && tokensFit) {
          break;
        }
        if (e.passed) {
          byTokens = !tokensFit;
          at = e.at + MINUTE;
          requestsLeft--;
          tokensLeft -= e.tokens;
        }
      }
      if (at - now > maxWait) {
        return new Reservation(null, at - now, byTokens);
      }
      if (entry.linked) { // else its caller has given up
        move(entry, at);
        if (at == now) {
          pass(entry);
        }
      }
      return new Reservation(entry, at - now, byTokens);
    } finally {
      lock.unlock();
    }
  }

  private void pass(Entry entry) {
    entry.passed = true;
    passedRequests++;
    passedTokens += entry.tokens;
  }

  /** Makes the call of a place that was passed. */
  void use(Entry entry) {
    lock.lock();
    try {
      if (entry.linked) {
        entry.used = true;
        move(entry, clock.nanos());
      }
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
        passedTokens += entry.passed ? actual - entry.tokens : 0;
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
      if (oldest.used) {
        unlink(oldest);
      } else {
        move(oldest, time + MINUTE);
      }
    }
  }

  private Entry add(Entry entry) {
    entry.linked = true;
    insert(entry);
    requests++;
    tokens += entry.tokens;
    return entry;
  }

  private void unlink(Entry entry) {
    entry.linked = false;
    cutOut(entry);
    requests--;
    tokens -= entry.tokens;
    if (entry.passed) {
      passedRequests--;
      passedTokens -= entry.tokens;
    }
  }

  private void move(Entry entry, long at) {
    cutOut(entry);
    entry.at = at;
    insert(entry);
  }

  /** Puts an entry behind all that are not later. */
  private void insert(Entry entry) {
    Entry before = newest;
    while (before != null && before.at > entry.at) {
      before = before.older;
    }
    Entry after = before == null ? oldest : before.newer;
    entry.older = before;
    entry.newer = after;
    if (before == null) {
      oldest = entry;
    } else {
      before.newer = entry;
    }
    if (after == null) {
      newest = entry;
    } else {
      after.older = entry;
    }
  }

  private void cutOut(Entry entry) {
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
