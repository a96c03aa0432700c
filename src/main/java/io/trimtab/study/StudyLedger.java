package io.trimtab.study;

import io.trimtab.space.ConfigurationSpace;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A study's book and the log behind it, kept in step: what is in the one is in the other. */
final class StudyLedger {
  /*
   * Every change is decided under the lock from all that is known, written to the log, and only then entered in the book. A shared
   * log refuses what was decided without knowing its latest entries; then they are read and the change is decided anew. So two
   * processes see the same events in the same order, and none is decided on stale knowledge. The lock is a ReentrantLock because
   * a monitor held during file input and output would pin a virtual thread to its carrier before Java 24.
   */

  /** Decides what happens; an empty list means nothing. */
  interface Decision {
    List<StudyEvent> events(TrialBook book, Instant now);
  }

  private final TrialBook book;
  private final InstantSource clock;
  private final @Nullable JournalCodec codec; // null together with log: nothing is kept
  private final @Nullable StudyLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private StudyLedger(
      TrialBook book, InstantSource clock, @Nullable JournalCodec codec, @Nullable StudyLog log) {
    this.book = book;
    this.clock = clock;
    this.codec = codec;
    this.log = log;
  }

  static StudyLedger open(
      String study,
      ConfigurationSpace space,
      TrialBook book,
      InstantSource clock,
      @Nullable StudyStorage storage) {
    return storage == null
        ? new StudyLedger(book, clock, null, null)
        : new StudyLedger(
            book, clock, new JournalCodec(storage.toString(), space), storage.open(study));
  }

  /** Enters what the log holds, or begins the log if it is empty. */
  void load(JournalHeader header, String headerLine) {
    lock.lock();
    try {
      if (log != null && codec != null) {
        List<String> lines = log.read();
        while (lines.isEmpty() && !log.append(headerLine)) {
          lines = log.read();
        }
        if (!lines.isEmpty()) {
          header.requireEqual(codec.readHeader(lines.get(0)));
          enter(codec, lines.subList(1, lines.size()));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void enter(JournalCodec codec, List<String> lines) {
    Instant now = clock.instant();
    for (String line : lines) {
      for (StudyEvent event : codec.read(line)) {
        String fault = book.fault(event);
        if (fault != null) {
          throw codec.refusal(line, fault, null);
        }
        book.apply(event, now);
      }
    }
  }

  boolean isExclusive() {
    return log != null && log.exclusive();
  }

  void commit(Decision decision) {
    lock.lock();
    try {
      boolean taken = false;
      while (!taken) {
        catchUp();
        Instant now = clock.instant();
        List<StudyEvent> events = decision.events(book, now);
        taken = events.isEmpty() || isLogged(events);
        if (taken) {
          events.forEach(event -> book.apply(event, now));
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isLogged(List<StudyEvent> events) {
    return log == null || codec == null || log.append(codec.write(events));
  }

  /** Learns what others have written to the log. */
  void refresh() {
    lock.lock();
    try {
      catchUp();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void catchUp() {
    if (log != null && codec != null) {
      enter(codec, log.read());
    }
  }

  <T> T read(Function<TrialBook, T> question) {
    lock.lock();
    try {
      return question.apply(book);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the book satisfies a condition. */
  void await(Predicate<TrialBook> condition) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!condition.test(book)) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      if (log != null) {
        log.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
