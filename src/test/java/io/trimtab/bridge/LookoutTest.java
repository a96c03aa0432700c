package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Looking out is worth it where it rarely is in vain. */
final class LookoutTest {

  private static final long MILLI = 1_000_000;

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final Lookout lookout = new Lookout(now::get);

  @Test
  void inVainOnce_pausesForAMoment() {
    assertThat(lookout.isWorthwhile()).isTrue();

    lookout.ended(/* inTime= */ false);

    assertThat(lookout.isWorthwhile()).isFalse();
    now.addAndGet(MILLI);
    assertThat(lookout.isWorthwhile()).isTrue();
  }

  @Test
  void inVainOften_pausesLongerAndLonger_upToATenthOfASecond() {
    for (int i = 0; i < 20; i++) {
      lookout.ended(/* inTime= */ false);
    }

    now.addAndGet(99 * MILLI);
    assertThat(lookout.isWorthwhile()).isFalse();
    now.addAndGet(MILLI);
    assertThat(lookout.isWorthwhile()).isTrue();
  }

  @Test
  void inTimeAgain_forgetsSlowly() {
    for (int i = 0; i < 20; i++) {
      lookout.ended(/* inTime= */ false);
    }
    lookout.ended(/* inTime= */ true);
    lookout.ended(/* inTime= */ false);
    now.addAndGet(50 * MILLI);
    assertThat(lookout.isWorthwhile()).isFalse();

    for (int i = 0; i < 1_000; i++) {
      lookout.ended(/* inTime= */ true);
    }
    lookout.ended(/* inTime= */ false);
    now.addAndGet(MILLI);

    assertThat(lookout.isWorthwhile()).isTrue();
  }
}
