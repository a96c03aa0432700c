package io.trimtab.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.space.ConfigurationSpace;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SearchTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("one").floating("x", 0.5, 0.0, 1.0).build();
  private static final Observation DONE = Observation.complete(SPACE.defaults(), 1.0);

  @Test
  void random_sameSeedAndNumber_isTheSameWhateverTheHistory() {
    Search empty = Search.of(SPACE, 7).asking(3);
    Search full = Search.of(SPACE, 7, List.of(DONE, DONE)).asking(3);

    assertThat(full.random().nextLong()).isEqualTo(empty.random().nextLong());
  }

  @Test
  void random_neighbouringSeedsAndNumbers_differ() {
    Set<Long> first = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      for (int number = 0; number < 50; number++) {
        first.add(Search.of(SPACE, seed).asking(number).random().nextLong());
      }
    }

    assertThat(first).hasSize(2_500);
  }

  @Test
  void number_unlessSaidOtherwise_isTheSizeOfTheHistory() {
    Search search = Search.of(SPACE, 7).with(DONE).with(Observation.running(SPACE.defaults()));

    assertThat(search.number()).isEqualTo(2);
    assertThat(search.asking(9).number()).isEqualTo(9);
    assertThat(search.asking(9).history()).isEqualTo(search.history());
  }

  @Test
  void history_givenByASupplier_isTakenOnceAndOnlyIfAskedFor() {
    AtomicInteger taken = new AtomicInteger();
    Search search =
        Search.of(
            SPACE,
            7,
            1,
            () -> {
              taken.incrementAndGet();
              return List.of(DONE);
            });

    RandomSampler.create().propose(search);
    assertThat(taken).hasValue(0);

    assertThat(search.history()).containsExactly(DONE);
    assertThat(search.history()).containsExactly(DONE);
    assertThat(taken).hasValue(1);
  }

  @Test
  void history_ofAnotherSpace_isRefusedByIndex() {
    ConfigurationSpace other = ConfigurationSpace.named("other").bool("b", true).build();
    Observation foreign = Observation.running(other.defaults());

    assertThatThrownBy(() -> Search.of(SPACE, 7, List.of(DONE, foreign)).history())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("history[1]")
        .hasMessageContaining("space \"one\"");
  }

  @Test
  void history_differentNumbersOfLosses_isRefusedByIndex() {
    Observation two = Observation.complete(SPACE.defaults(), 1.0, 2.0);

    assertThatThrownBy(() -> Search.of(SPACE, 7, List.of(DONE, two)).history())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("history[1]: expected 1 losses like those before, got 2");
  }

  @Test
  void asking_belowZero_isRefused() {
    assertThatThrownBy(() -> Search.of(SPACE, 7).asking(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }
}
