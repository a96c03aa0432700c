package io.trimtab.session;

import io.trimtab.TrimtabException;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseLostException;
import io.trimtab.state.StateProvider;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases a session holds, renewed on one daemon thread that exists only while there are any.
 */
final class SessionLeases implements AutoCloseable {
  /*
   * A lease is renewed at a third of its duration, so that two renewals may fail before it ends. The renewing task knows the
   * holder's handle only weakly: a holder that forgot to close it loses the lease once the handle is collected.
   */

  private static final Logger LOG = LoggerFactory.getLogger(SessionLeases.class);

  private final Handover<StateProvider> handover;
  private final Set<Held> all = ConcurrentHashMap.newKeySet();
  private @Nullable ScheduledExecutorService renewals; // guarded by this

  /** One lease and its renewal. */
  static final class Held {

    private final Duration duration;
    private volatile Lease lease;
    private volatile boolean held = true;
    private @Nullable ScheduledFuture<?> renewal; // guarded by this

    Held(Lease lease, Duration duration) {
      this.lease = lease;
      this.duration = duration;
    }

    Lease lease() {
      return lease;
    }

    boolean isHeld() {
      return held;
    }

    private synchronized void renewedBy(ScheduledFuture<?> renewal) {
      this.renewal = renewal;
    }

    private synchronized void end() {
      held = false;
      if (renewal != null) {
        renewal.cancel(/* mayInterruptIfRunning= */ false);
      }
    }
  }

  SessionLeases(Handover<StateProvider> handover) {
    this.handover = handover;
  }

  SessionLease acquire(String owner, Collection<String> keys, Duration duration) {
    Lease lease = handover.write(provider -> provider.acquireLease(owner, keys, duration));
    Held held = new Held(lease, duration);
    SessionLease handle = new SessionLease(this, held);
    all.add(held);
    WeakReference<SessionLease> holder = new WeakReference<>(handle);
    long period = Math.max(1, TimeUnit.NANOSECONDS.convert(duration) / 3);
    held.renewedBy(
        renewals()
            .scheduleWithFixedDelay(
                () -> renew(held, holder), period, period, TimeUnit.NANOSECONDS));
    return handle;
  }

  private void renew(Held held, WeakReference<SessionLease> holder) {
    if (holder.get() == null) {
      LOG.warn(
          "lease of {} on {} ends: its holder was collected without closing it",
          held.lease.owner(),
          held.lease.names());
      release(held);
      return;
    }
    try {
      held.lease = handover.write(provider -> provider.renewLease(held.lease, held.duration));
    } catch (LeaseLostException | IllegalStateException e) {
      forget(held); // taken over, or the session is closed
    } catch (RuntimeException e) { // whatever it is: thrown on, it would end the renewals
      LOG.warn(
          "lease of {} could not be renewed, will try again: {}", held.lease.owner(), e.toString());
    }
  }

  void release(Held held) {
    if (!held.isHeld()) {
      return;
    }
    forget(held);
    try {
      handover.run(provider -> provider.releaseLease(held.lease));
    } catch (LeaseLostException e) {
      LOG.debug("lease {} had ended before it was released", e.leaseId());
    }
  }

  private void forget(Held held) {
    held.end();
    all.remove(held);
    stopIfIdle();
  }

  private synchronized ScheduledExecutorService renewals() {
    if (renewals == null) {
      renewals =
          Executors.newSingleThreadScheduledExecutor(
              task -> {
                Thread thread = new Thread(task, "trimtab-leases");
                thread.setDaemon(true);
                return thread;
              });
    }
    return renewals;
  }

  private synchronized void stopIfIdle() {
    if (renewals != null && all.isEmpty()) {
      renewals.shutdown();
      renewals = null;
    }
  }

  @Override
  public void close() {
    for (Held held : Set.copyOf(all)) {
      try {
        release(held);
      } catch (IllegalStateException | TrimtabException e) {
        LOG.debug("lease {} was not released and ends by itself", held.lease.id(), e);
      }
    }
  }
}
