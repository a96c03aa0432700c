package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.bulkhead.event.BulkheadEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** First come, first served, and no slot is ever lost or doubled. */
class SlotsTest {

  private static final Runnable NOTHING = () -> {};

  @Test
  void waiters_areServedInOrder() {
    Slots slots = new Slots("test", 1);
    List<Integer> order = new ArrayList<>();
    Slots.Waiter holder = slots.enter(true, NOTHING);
    List<Slots.Waiter> waiters = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      waiters.add(slots.enter(true, () -> order.add(number)));
    }

    holder.leave();
    waiters.forEach(Slots.Waiter::leave);

    assertThat(order).containsExactly(0, 1, 2, 3, 4);
    assertThat(slots.free()).isEqualTo(1);
  }

  @Test
  void aLateArrival_cannotBargeIn() {
    Slots slots = new Slots("test", 1);
    Slots.Waiter holder = slots.enter(true, NOTHING);
    Slots.Waiter waiting = slots.enter(true, NOTHING);

    holder.leave();
    Slots.Waiter late = slots.enter(false, NOTHING);

    assertThat(waiting.granted()).isTrue();
    assertThat(late).isNull();
  }

  @Test
  void aWaiterThatLeft_isSkipped() {
    Slots slots = new Slots("test", 1);
    Slots.Waiter holder = slots.enter(true, NOTHING);
    Slots.Waiter gone =
        slots.enter(
            true,
            () -> {
              throw new AssertionError("granted to one who left");
            });
    Slots.Waiter next = slots.enter(true, NOTHING);

    gone.leave();
    holder.leave();

    assertThat(next.granted()).isTrue();
    assertThat(slots.waiting()).isZero();
  }

  @Test
  void leavingTwice_freesOneSlot() {
    Slots slots = new Slots("test", 2);
    Slots.Waiter first = slots.enter(true, NOTHING);
    slots.enter(true, NOTHING);

    first.leave();
    first.leave();

    assertThat(slots.free()).isEqualTo(1);
  }

  @Test
  void leavingAfterTheCall_freesOneSlot() {
    Slots slots = new Slots("test", 2);
    Slots.Waiter first = slots.enter(true, NOTHING);
    slots.enter(true, NOTHING);

    first.finish();
    first.leave();

    assertThat(slots.free()).isEqualTo(1);
  }

  /** Resilience4j's bulkhead refuses an interrupted thread even when a permit is free. */
  @Test
  void anInterruptedThread_handsOverAndEntersAndStaysInterrupted() {
    Slots slots = new Slots("test", 1);
    Slots.Waiter holder = slots.enter(true, NOTHING);
    Slots.Waiter waiting = slots.enter(true, NOTHING);

    Thread.currentThread().interrupt();
    holder.leave();
    boolean handedOver = waiting.granted();
    waiting.leave();
    Slots.Waiter late = slots.enter(false, NOTHING);
    boolean stillInterrupted = Thread.interrupted();

    assertThat(handedOver).isTrue();
    assertThat(late).isNotNull();
    assertThat(stillInterrupted).isTrue();
  }

  @Test
  void theBulkheadOwnsThePermits_andItsEventsTellWhatHappened() {
    Slots slots = new Slots("test", 1);
    List<BulkheadEvent.Type> events = new ArrayList<>();
    slots.bulkhead().getEventPublisher().onEvent(event -> events.add(event.getEventType()));

    Slots.Waiter first = slots.enter(true, NOTHING);
    Slots.Waiter second = slots.enter(true, NOTHING); // waits: neither permitted nor rejected
    slots.enter(false, NOTHING);
    int free = slots.bulkhead().getMetrics().getAvailableConcurrentCalls();
    first.finish();
    second.leave(); // was never sent

    assertThat(free).isZero();
    assertThat(events)
        .containsExactly(
            BulkheadEvent.Type.CALL_PERMITTED,
            BulkheadEvent.Type.CALL_REJECTED,
            BulkheadEvent.Type.CALL_FINISHED,
            BulkheadEvent.Type.CALL_PERMITTED);
    assertThat(slots.bulkhead().getMetrics().getAvailableConcurrentCalls()).isEqualTo(1);
  }
}
