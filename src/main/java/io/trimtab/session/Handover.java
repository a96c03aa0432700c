package io.trimtab.session;

import io.trimtab.state.StateUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Gives access to the provider in charge, and lets it be replaced while readers and writers are at
 * work.
 */
final class Handover<P> {
  /*
   * Writers share the read side of a lock and hold it through their whole write; a switch takes the write side, so between
   * export and publication no write can be accepted by the old provider. A flag that writers look at first would not do: a
   * writer that saw it unset may still be on its way into the old provider when the export is taken (found by Lincheck).
   *
   * Readers take no lock. One that fetched the old provider just before publication reads the state that was exported, which
   * was the session's state at the moment it fetched the reference, so it is still linearizable. If the old provider is closed
   * under its hands it reads again from the new one.
   */

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Duration patience;
  private volatile Charge<P> charge;

  /** That of the charge, where a reader finds it one step sooner. */
  private volatile P provider;

  /**
   * Set while a switch waits or works: writers must then queue, or a stream of them would starve
   * it.
   */
  private volatile boolean pausing;

  /** The provider in charge and what it is called; compared by identity. */
  static final class Charge<P> {

    private final String name;
    private final P provider;

    Charge(String name, P provider) {
      this.name = name;
      this.provider = provider;
    }

    String name() {
      return name;
    }

    P provider() {
      return provider;
    }
  }

  Handover(Charge<P> charge, Duration patience) {
    this.charge = charge;
    this.provider = charge.provider();
    this.patience = patience;
  }

  Charge<P> charge() {
    return charge;
  }

  /** Returns the provider in charge, which a read may find closed if it was replaced meanwhile. */
  P provider() {
    return provider;
  }

  <T> T read(Function<P, T> operation) {
    while (true) {
      Charge<P> seen = charge;
      try {
        return operation.apply(seen.provider());
      } catch (IllegalStateException e) {
        if (seen == charge) {
          throw e; // the session itself is closed
        }
      }
    }
  }

  <T> T write(Function<P, T> operation) {
    if (!acquire(lock.readLock())) {
      throw new StateUnavailableException(
          "write: expected a switch of providers to end within " + patience,
          /* applied= */ false,
          null);
    }
    try {
      return operation.apply(charge.provider());
    } finally {
      lock.readLock().unlock();
    }
  }

  void run(Consumer<P> operation) {
    write(
        provider -> {
          operation.accept(provider);
          return provider;
        });
  }

  /** Rejects a call from within a write of the same thread, which would wait for itself. */
  void requireOutsideWrite() {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException("a session cannot be switched from within a write to it");
    }
  }

  /** Tells whether a switch waits or works. */
  boolean isPausing() {
    return pausing;
  }

  /** Waits until no write is under way and keeps new ones out. */
  void pause() throws TimeoutException {
    requireOutsideWrite();
    pausing = true;
    boolean paused = false;
    try {
      paused = acquire(lock.writeLock());
    } finally {
      pausing = paused;
    }
    if (!paused) {
      throw new TimeoutException("writes under way did not end within " + patience);
    }
  }

  void publish(Charge<P> next) {
    charge = next;
    provider = next.provider();
  }

  void resume() {
    pausing = false;
    lock.writeLock().unlock();
  }

  private boolean acquire(Lock side) {
    if (!pausing && side.tryLock()) {
      return true; // the usual case of a writer, without the timed lock's bookkeeping
    }
    try {
      return side.tryLock(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StateUnavailableException(
          "interrupted while waiting for a switch of providers", /* applied= */ false, e);
    }
  }
}
