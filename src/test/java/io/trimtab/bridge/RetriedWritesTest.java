package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writes whose replies are lost are sent again and applied once; row 6 of the reliability table.
 * Thirty of a hundred times everything is applied and no reply arrives before the connection is
 * cut. {@link PlantedFaultTest} shows that a sidecar without a table of requests is found.
 */
@RequiresPython
@Timeout(3600)
class RetriedWritesTest {

  private static final long WRITES =
      "long".equals(System.getProperty("trimtab.profile")) ? 100_000 : 2_000;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @Test
  void repliesDropped_everyWriteIsAppliedOnce() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = Sidecar.connect(proxy.address()).token(OperatedSidecar.TOKEN).open();
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 16, 1, 1).start();

      int dropped = 0;
      long written = 0;
      while (written < WRITES) {
        int some = 50 + random.nextInt(300);
        hammer.awaitWrites(some, DEADLINE);
        written += some;
        if (random.nextInt(100) < 30) {
          proxy.swallowAnswers(true);
          hammer.awaitRefusals(1, Duration.ofMillis(10 + random.nextInt(30)));
          proxy.cut();
          proxy.swallowAnswers(false);
          dropped++;
        }
      }

      List<String> faults = hammer.stop();
      System.out.printf("replies dropped %d times, seed %d: %s%n", dropped, seed, hammer.summary());
      assertThat(faults).as("seed %d", seed).isEmpty();
      assertThat(dropped).isPositive();
    }
  }
}
