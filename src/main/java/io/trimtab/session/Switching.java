package io.trimtab.session;

import io.trimtab.session.BackendSwitchException.Step;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import io.trimtab.state.StateUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves a session from one provider to another, one switch at a time. */
final class Switching implements AutoCloseable {

  /** What the annex that talks to a sidecar calls its provider. */
  private static final String BRIDGED = "bridged";

  private static final Logger LOG = LoggerFactory.getLogger(Switching.class);

  private final String sessionId;
  private final Handover<StateProvider> handover;
  private final SessionWatches watches;
  private final SpaceGuard spaces;
  private final InstantSource clock;
  private final @Nullable StateProviderFactory bridge;
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private final List<Backend.Switch> history = new CopyOnWriteArrayList<>();

  /** Written under oneAtATime, so that no switch puts an open provider into a closed session. */
  private volatile boolean closed;

  Switching(
      String sessionId,
      Handover<StateProvider> handover,
      SessionWatches watches,
      SpaceGuard spaces,
      InstantSource clock,
      @Nullable StateProviderFactory bridge) {
    this.sessionId = sessionId;
    this.handover = handover;
    this.watches = watches;
    this.spaces = spaces;
    this.clock = clock;
    this.bridge = bridge;
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("session \"%s\" is closed".formatted(sessionId));
    }
  }

  Backend backend() {
    requireOpen();
    Handover.Charge<StateProvider> charge = handover.charge();
    StateProvider provider = charge.provider();
    return new Backend(charge.name(), provider.capabilities(), provider.requiresBridge(), history);
  }

  Backend switchTo(StateProviderFactory factory) {
    handover.requireOutsideWrite();
    oneAtATime.lock();
    try {
      requireOpen();
      Move move = new Move(handover.charge(), factory);
      move.run();
      return backend();
    } finally {
      oneAtATime.unlock();
    }
  }

  /** Moves to a bridged provider unless the one in charge is one. */
  Backend ensureBridged() {
    return ensureBridged(null);
  }

  /** Moves to the provider given, else to the one the session was opened with or that is found. */
  Backend ensureBridged(@Nullable StateProviderFactory given) {
    handover.requireOutsideWrite();
    oneAtATime.lock();
    try {
      requireOpen();
      if (handover.charge().provider().requiresBridge()) {
        return backend();
      }
      return switchTo(given == null ? bridge() : given);
    } finally {
      oneAtATime.unlock();
    }
  }

  private StateProviderFactory bridge() {
    if (bridge != null) {
      return bridge;
    }
    for (StateProviderFactory found : ServiceLoader.load(StateProviderFactory.class)) {
      if (found.name().equals(BRIDGED)) {
        return found;
      }
    }
    throw new IllegalStateException(
        "session \"%s\": expected a provider called \"%s\" on the class path, found none"
            .formatted(sessionId, BRIDGED));
  }

  /** Replaces the state of the provider in charge while no write is under way. */
  void replaceState(StateExport state) {
    try {
      handover.pause();
    } catch (TimeoutException e) {
      throw new StateUnavailableException("import: " + e.getMessage(), /* applied= */ false, e);
    }
    try {
      StateProvider provider = handover.charge().provider();
      spaces.requireSound(state); // the provider knows nothing of spaces
      provider.importState(state);
      spaces.load(provider.snapshot());
    } finally {
      handover.resume();
    }
  }

  @Override
  public void close() {
    oneAtATime.lock();
    try {
      closed = true;
      handover.charge().provider().close();
    } finally {
      oneAtATime.unlock();
    }
  }

  /** One switch, with what must be undone if it fails. */
  private final class Move {

    private final Handover.Charge<StateProvider> from;
    private final StateProviderFactory factory;
    private Step step = Step.OPEN;
    private @Nullable StateProvider target;
    private SessionWatches.@Nullable Relocation relocation;

    Move(Handover.Charge<StateProvider> from, StateProviderFactory factory) {
      this.from = from;
      this.factory = factory;
    }

    void run() {
      try {
        StateProvider opened = factory.open(sessionId, null);
        target = opened;
        step = Step.PAUSE;
        handover.pause();
        try {
          moveTo(opened);
        } finally {
          handover.resume();
        }
      } catch (RuntimeException | Error | TimeoutException e) {
        undo(e); // an error, too: optional dependencies that are not there, a state too large
        throw new BackendSwitchException(from.name(), factory.name(), step, e);
      } catch (InterruptedException e) {
        undo(e);
        Thread.currentThread().interrupt();
        throw new BackendSwitchException(from.name(), factory.name(), step, e);
      }
      closeQuietly(from.provider(), "the old provider " + from.name());
    }

    /** Called while writers pause, so that no other space is registered in between. */
    private void requireSpacesCanMove(StateProvider opened) {
      if (opened.requiresBridge()) {
        spaces.requirePortable("a bridged provider");
      }
    }

    private void moveTo(StateProvider opened) throws InterruptedException, TimeoutException {
      Instant pausedAt = clock.instant();
      step = Step.EXPORT;
      requireSpacesCanMove(opened);
      StateExport exported = Migration.markedWithOrigin(from.provider().exportState(), from.name());
      step = Step.IMPORT;
      RegisteredSpaces there = spaces.registered();
      boolean adopts = Migration.isPristine(exported);
      if (adopts) {
        there = spaces.read(opened.snapshot()); // nothing to move, but others may have been there
      } else {
        opened.importState(exported);
        step = Step.VERIFY;
        Migration.verify(exported, opened.exportState());
      }
      step = Step.WATCHES;
      relocation = watches.relocate(opened, exported.revision(), adopts);
      Instant now = clock.instant();
      // from here on nothing can fail, for there is no way back
      spaces.take(there);
      handover.publish(new Handover.Charge<>(factory.name(), opened));
      relocation.complete();
      history.add(
          new Backend.Switch(
              from.name(),
              factory.name(),
              now,
              Duration.between(pausedAt, now),
              exported.variables().size(),
              exported.revision()));
    }

    private void undo(Throwable cause) {
      if (relocation != null) {
        relocation.cancel();
      }
      if (target != null) {
        closeQuietly(target, "the provider that did not take over, " + factory.name());
      }
      LOG.warn(
          "session {} stays on {}: switch to {} failed at {}: {}",
          sessionId,
          from.name(),
          factory.name(),
          step,
          cause.toString());
    }

    private void closeQuietly(StateProvider provider, String what) {
      try {
        provider.close();
      } catch (RuntimeException e) {
        LOG.warn(
            "session {}: {} did not close cleanly",
            sessionId,
            what,
            e); // the switch itself is decided already
      }
    }
  }
}
