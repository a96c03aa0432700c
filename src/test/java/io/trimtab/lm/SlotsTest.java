package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** First come, first served, and no slot is ever lost or doubled. */
class SlotsTest {

  private static final Runnable NOTHING = () -> {};

  @Test
  void waiters_areServedInOrder() {
    Slots slots = new Slots(1);
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
    Slots slots = new Slots(1);
    Slots.Waiter holder = slots.enter(true, NOTHING);
    Slots.Waiter waiting = slots.enter(true, NOTHING);

    holder.leave();
    Slots.Waiter late = slots.enter(false, NOTHING);

    assertThat(waiting.granted()).isTrue();
    assertThat(late).isNull();
  }

  @Test
  void aWaiterThatLeft_isSkipped() {
    Slots slots = new Slots(1);
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
    Slots slots = new Slots(2);
    Slots.Waiter first = slots.enter(true, NOTHING);
    slots.enter(true, NOTHING);

    first.leave();
    first.leave();

    assertThat(slots.free()).isEqualTo(1);
  }
}
