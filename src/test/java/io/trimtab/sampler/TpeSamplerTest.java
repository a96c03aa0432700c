package io.trimtab.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.variable.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class TpeSamplerTest {

  private static final ConfigurationSpace BOWL =
      ConfigurationSpace.named("bowl")
          .floating("x", 0.0, -5.0, 5.0)
          .floating("y", 0.0, -5.0, 5.0)
          .choice("model", "small", "large", "huge")
          .build();

  private static double bowl(Configuration c) {
    double dx = c.getDouble("x") - 2;
    double dy = c.getDouble("y") + 3;
    return dx * dx + dy * dy + (c.getString("model").equals("large") ? 0 : 4);
  }

  /** The best losses of several studies by hand, one per seed. */
  private static double[] bestLosses(
      Sampler sampler, ConfigurationSpace space, ToDoubleFunction<Configuration> loss, int trials) {
    double[] best = new double[21];
    for (int seed = 0; seed < best.length; seed++) {
      List<Observation> history = new ArrayList<>();
      best[seed] = Double.POSITIVE_INFINITY;
      for (int trial = 0; trial < trials; trial++) {
        Configuration next = sampler.propose(Search.of(space, seed, history));
        double value = loss.applyAsDouble(next);
        history.add(Observation.complete(next, value));
        best[seed] = Math.min(best[seed], value);
      }
    }
    Arrays.sort(best);
    return best;
  }

  private static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  @Test
  void propose_onABowl_isClearlyBetterThanRandom() {
    double[] random = bestLosses(RandomSampler.create(), BOWL, TpeSamplerTest::bowl, 60);
    double[] tpe = bestLosses(TpeSampler.create(), BOWL, TpeSamplerTest::bowl, 60);

    assertThat(median(tpe)).isLessThan(median(random) / 3);
  }

  @Test
  void propose_sameSearch_givesTheSameConfiguration() {
    List<Observation> history = observations(BOWL, 30);

    Configuration first = TpeSampler.create().propose(Search.of(BOWL, 5, history));
    Configuration second = TpeSampler.create().propose(Search.of(BOWL, 5, history));

    assertThat(second).isEqualTo(first);
  }

  private static List<Observation> observations(ConfigurationSpace space, int count) {
    SplittableRandom random = new SplittableRandom(99);
    List<Observation> history = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      history.add(Observation.complete(space.sample(random), i * 7 % 13));
    }
    return history;
  }

  @Test
  void propose_withRulesAndConditions_givesOnlyValidConfigurations() {
    ConfigurationSpace space =
        ConfigurationSpace.named("agent")
            .module("strategy", "Predict", "ReAct")
            .integer("max_iters", 5, 1, 20)
            .activeWhen("max_iters", "strategy == 'ReAct'")
            .integer("max_tokens", 512, 64, 8192, Scale.LOG)
            .floating("temperature", 0.5, 0.0, 1.0)
            .require("max_tokens <= 2048 || temperature < 0.5", "long answers must be cool")
            .build();
    List<Observation> history = new ArrayList<>();

    for (int trial = 0; trial < 80; trial++) {
      Configuration next = TpeSampler.create().propose(Search.of(space, 3, history));
      assertThat(space.check(next.toMap())).isEmpty();
      double loss =
          next.has("max_iters")
              ? Math.abs(next.getLong("max_iters") - 12)
              : 20 - next.getDouble("temperature");
      history.add(Observation.complete(next, loss));
    }

    long reactLate =
        history.subList(40, 80).stream().filter(o -> o.configuration().has("max_iters")).count();
    assertThat(reactLate).as("the better branch is tried more often").isGreaterThan(28);
  }

  @Test
  void propose_whileTrialsRun_spreadsThem() {
    List<Observation> history = observations(BOWL, 40);
    Configuration alone = TpeSampler.create().propose(Search.of(BOWL, 1, history));
    List<Observation> crowded = new ArrayList<>(history);
    for (int i = 0; i < 40; i++) {
      crowded.add(Observation.running(alone));
    }

    Configuration beside = TpeSampler.create().propose(Search.of(BOWL, 1, crowded));

    assertThat(distance(alone, beside)).isGreaterThan(0);
  }

  private static double distance(Configuration a, Configuration b) {
    return Math.hypot(a.getDouble("x") - b.getDouble("x"), a.getDouble("y") - b.getDouble("y"));
  }

  @Test
  void propose_onlyFailedTrials_goesOnSpreading() {
    List<Observation> failed = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      failed.add(Observation.failed(BOWL.defaults()));
    }

    Configuration next = TpeSampler.create().propose(Search.of(BOWL, 8, failed));

    assertThat(next).isEqualTo(Startup.propose(Search.of(BOWL, 8, failed)));
  }

  @Test
  void observation_completeWithoutFiniteLoss_isRefused() {
    assertThatThrownBy(() -> Observation.complete(BOWL.defaults(), Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
  }
}
