package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for a result is woken, whatever the others do. */
@Timeout(60)
class WakeUpsTest {

  private static final long FOREVER = Duration.ofHours(1).toNanos();

  private final List<Thread> callers = new ArrayList<>();
  private final AtomicInteger answered = new AtomicInteger();

  private static Pending pending(long sequence) {
    return new Pending(Operation.newBuilder().setSequence(sequence).build(), null, false);
  }

  private static Result result(Pending pending) {
    return Result.newBuilder().setSequence(pending.sequence()).build();
  }

  private Thread caller(Pending pending) {
    Thread thread =
        new Thread(
            () -> {
              try {
                if (pending.await(FOREVER, System::nanoTime).getSequence() == pending.sequence()) {
                  answered.incrementAndGet();
                }
              } catch (TimeoutException | InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    callers.add(thread);
    thread.start();
    return thread;
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) { // bounded by the test's timeout
      Thread.onSpinWait();
    }
  }

  private void joinAll() throws InterruptedException {
    for (Thread caller : callers) {
      caller.join();
    }
  }

  @Test
  void resultsOfOneFrame_reachEveryCaller() throws Exception {
    List<Pending> frame = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      Pending pending = pending(i);
      frame.add(pending);
      caller(pending);
    }

    WakeUps wakeUps = new WakeUps();
    frame.forEach(pending -> pending.complete(result(pending), wakeUps));
    wakeUps.begin();

    joinAll();
    assertThat(answered).hasValue(100);
  }

  @Test
  void sharedOperation_isAnsweredToAll() throws Exception {
    Pending barrier = pending(1);
    for (int i = 0; i < 50; i++) {
      awaitParked(caller(barrier));
    }

    WakeUps wakeUps = new WakeUps();
    barrier.complete(result(barrier), wakeUps);
    wakeUps.begin();

    joinAll();
    assertThat(answered).hasValue(50);
  }

  /** They are the first in line, and would be the ones to wake the others. */
  @Test
  void callersThatSawTheirResultsThemselves_passOn() throws Exception {
    Pending early = pending(1);
    List<Thread> first = List.of(caller(early), caller(early), caller(early));
    first.forEach(WakeUpsTest::awaitParked);
    List<Pending> others = new ArrayList<>();
    for (int i = 2; i <= 20; i++) {
      Pending pending = pending(i);
      others.add(pending);
      awaitParked(caller(pending));
    }

    WakeUps wakeUps = new WakeUps();
    early.complete(result(early), wakeUps);
    first.forEach(java.util.concurrent.locks.LockSupport::unpark);
    for (Thread caller : first) {
      caller.join();
    }
    others.forEach(pending -> pending.complete(result(pending), wakeUps));
    wakeUps.begin();

    joinAll();
    assertThat(answered).hasValue(22);
  }

  @Test
  void callerThatGaveUp_isNotWaitedFor() throws Exception {
    Pending given = pending(1);
    assertThatThrownBy(() -> given.await(1, System::nanoTime)).isInstanceOf(TimeoutException.class);
    Pending other = pending(2);
    awaitParked(caller(other));

    WakeUps wakeUps = new WakeUps();
    given.complete(result(given), wakeUps);
    other.complete(result(other), wakeUps);
    wakeUps.begin();

    joinAll();
    assertThat(answered).hasValue(1);
  }

  @Test
  void failure_isThrownToTheCaller_andNoResultComesAfterIt() {
    Pending pending = pending(1);
    IllegalStateException closed = new IllegalStateException("closed");

    pending.fail(closed, new WakeUps());
    pending.complete(result(pending), new WakeUps());

    assertThatThrownBy(() -> pending.await(FOREVER, System::nanoTime)).isSameAs(closed);
  }

  @Test
  void interruptedCaller_isToldSo() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> pending(1).await(FOREVER, System::nanoTime))
        .isInstanceOf(InterruptedException.class);
  }
}
