package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.variable.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The cover of the valid part: sound (it loses nothing valid, and what it calls full is valid) and
 * exact (what is drawn from it has the prior's distribution, conditioned on the rules).
 */
final class CoverTest {

  private static final double ALPHA = 1e-5;
  private static final int DRAWS = 20_000;

  static ConfigurationSpace sumOfTen() {
    SpaceBuilder builder = ConfigurationSpace.named("sum");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      builder.floating("x" + i, 0.05, 0, 1);
      names.add("x" + i);
    }
    return builder.require(String.join(" + ", names) + " <= 1.0", "a budget of one").build();
  }

  static ConfigurationSpace chainOfNine() {
    SpaceBuilder builder = ConfigurationSpace.named("chain");
    for (int i = 0; i < 9; i++) {
      builder.floating("x" + i, 0.1 * (i + 0.5), 0, 1);
      if (i > 0) {
        builder.require("x" + (i - 1) + " < x" + i, "in order " + i);
      }
    }
    return builder.build();
  }

  static ConfigurationSpace thinShell() {
    return ConfigurationSpace.named("shell")
        .floating("x", 0.5, 0, 1)
        .floating("y", 0.5, 0, 1)
        .floating("z", 0.4000001, 0, 1)
        .require("x * y * z >= 0.1", "outside the inner face")
        .require("x * y * z <= 0.100001", "inside the outer face")
        .build();
  }

  static ConfigurationSpace narrowBox() {
    SpaceBuilder builder = ConfigurationSpace.named("box");
    for (int i = 0; i < 10; i++) {
      builder.floating("x" + i, 0.505, 0, 1);
    }
    for (int i = 0; i < 3; i++) {
      builder.require("x%d > 0.5 && x%d < 0.51".formatted(i, i), "narrow " + i);
    }
    return builder.build();
  }

  static ConfigurationSpace sevenAlike() {
    String[] options = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    SpaceBuilder builder = ConfigurationSpace.named("alike");
    for (int i = 0; i < 7; i++) {
      builder.choice("c" + i, options);
      if (i > 0) {
        builder.require("c%d == c%d".formatted(i - 1, i), "alike " + i);
      }
    }
    return builder.build();
  }

  private static double[] draw(ConfigurationSpace space, String name, int n) {
    return space.sample(n, new SplittableRandom(30)).stream()
        .mapToDouble(c -> ((Number) c.get(name)).doubleValue())
        .toArray();
  }

  private static double fit(ConfigurationSpace space, String name, DoubleUnaryOperator cdf) {
    return Statistics.kolmogorovSmirnov(draw(space, name, DRAWS), cdf);
  }

  @Test
  void sample_sumOfTenAtMostOne_isTheFlatDirichlet() {
    // Each coordinate of the simplex is Beta(1, 10).
    assertThat(fit(sumOfTen(), "x0", x -> 1 - Math.pow(1 - x, 10))).isGreaterThan(ALPHA);
    assertThat(fit(sumOfTen(), "x9", x -> 1 - Math.pow(1 - x, 10))).isGreaterThan(ALPHA);
    double[] sums =
        sumOfTen().sample(DRAWS, new SplittableRandom(31)).stream()
            .mapToDouble(c -> c.toMap().values().stream().mapToDouble(v -> (Double) v).sum())
            .toArray();
    assertThat(Statistics.kolmogorovSmirnov(sums, s -> Math.pow(s, 10))).isGreaterThan(ALPHA);
  }

  @Test
  void sample_chainOfNine_isTheOrderStatistics() {
    assertThat(fit(chainOfNine(), "x0", x -> 1 - Math.pow(1 - x, 9))).isGreaterThan(ALPHA);
    assertThat(fit(chainOfNine(), "x8", x -> Math.pow(x, 9))).isGreaterThan(ALPHA);
    double middle = Arrays.stream(draw(chainOfNine(), "x4", DRAWS)).average().orElseThrow();
    // Beta(5, 5): mean 1/2, variance 1/44.
    assertThat(Math.abs(middle - 0.5)).isLessThan(4.5 * Math.sqrt(1 / 44.0 / DRAWS));
  }

  @Test
  void sample_thinShell_followsTheSurface() {
    double[] x =
        thinShell().sample(DRAWS, new SplittableRandom(32)).stream()
            .mapToDouble(c -> c.getDouble("x"))
            .toArray();

    // On x y z = c the density of x is ln(x / c) / x.
    double whole = Math.pow(Math.log(10), 2);
    assertThat(Statistics.kolmogorovSmirnov(x, v -> Math.pow(Math.log(v / 0.1), 2) / whole))
        .isGreaterThan(ALPHA);
  }

  @Test
  void sample_thinBandOfALinearRule_isEvenAlongIt() {
    ConfigurationSpace space =
        ConfigurationSpace.named("band")
            .floating("x", 0.1, 0.1, 1)
            .floating("y", 0.0, 0, 1)
            .integer("n", 0, 0, 4)
            .require("2.0 * x - 3.0 * y + double(n) * 0.1 >= 0.2", "above")
            .require("2.0 * x - 3.0 * y + double(n) * 0.1 <= 0.20000001", "below")
            .build();

    // For every x and n there is one y, and all are equally wide.
    assertThat(fit(space, "x", x -> (x - 0.1) / 0.9)).isGreaterThan(ALPHA);
    Map<Long, Integer> observed = new HashMap<>();
    space
        .sample(DRAWS, new SplittableRandom(35))
        .forEach(c -> observed.merge(c.getLong("n"), 1, Integer::sum));
    Map<Long, Double> expected = Map.of(0L, 0.2, 1L, 0.2, 2L, 0.2, 3L, 0.2, 4L, 0.2);
    assertThat(Statistics.chiSquare(observed, expected, DRAWS)).isGreaterThan(ALPHA);
  }

  @Test
  void sample_equalityUpToAMillionthOfAMillionth_isEvenAlongIt() {
    ConfigurationSpace space =
        ConfigurationSpace.named("equal")
            .floating("a", 0.5, 0, 1)
            .floating("b", 0.25, 0, 1)
            .floating("c", 0.25, 0, 1)
            .require("abs(a - b - c) < 1e-12", "a is b plus c")
            .require("a <= 0.9", "a is not large")
            .build();

    assertThat(fit(space, "b", b -> b >= 0.9 ? 1 : 1 - Math.pow((0.9 - b) / 0.9, 2)))
        .isGreaterThan(ALPHA);
    assertThat(fit(space, "a", a -> a >= 0.9 ? 1 : Math.pow(a / 0.9, 2))).isGreaterThan(ALPHA);
  }

  @Test
  void sample_allFiveHardSpaces_drawNothingInvalid() {
    for (ConfigurationSpace space :
        List.of(sumOfTen(), chainOfNine(), thinShell(), narrowBox(), sevenAlike())) {
      for (Configuration drawn : space.sample(1_000, new SplittableRandom(33))) {
        assertThat(space.check(drawn.toMap())).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100, 200, 300})
  void cover_randomFiniteSpaces_isExact(long first) {
    int spaces = 0;
    for (long seed = first; seed < first + 25; seed++) {
      RandomSpace made = RandomSpace.of(seed);
      if (!made.constrained()) {
        continue;
      }
      spaces++;
      Map<Map<String, Object>, Integer> observed = new HashMap<>();
      SplittableRandom random = new SplittableRandom(seed);
      SamplingPlan plan = SamplingPlan.covering(made.space().definition(), made.space().rules());
      for (int i = 0; i < 5_000; i++) {
        Configuration drawn =
            new Configuration(made.space(), plan.draw(random, SamplingBudget.DEFAULT));
        observed.merge(drawn.toMap(), 1, Integer::sum);
      }
      assertThat(Statistics.chiSquare(observed, made.distribution(), 5_000))
          .as("seed %d: %s", seed, made.space())
          .isGreaterThan(ALPHA);
    }
    assertThat(spaces).isGreaterThan(10);
  }

  @Test
  void sample_mixedTypesAtOneInAMillion_isExact() {
    ConfigurationSpace space =
        ConfigurationSpace.named("mixed")
            .integer("a", 500, 0, 999)
            .integer("b", 500, 0, 999)
            .integer("c", 0, 0, 999)
            .floating("x", 0.001, 0, 1)
            .choice("kind", "flat", "steep", "other")
            .floating("y", 0.001, 1e-3, 1, Scale.LOG)
            .activeWhen("y", "kind != 'flat'")
            .require("a + b + c == 1000", "they share a thousand")
            .require("kind != 'other' || a >= 900", "other is for large a")
            .require("x * 500.0 <= 1.0", "x is small")
            .require("y <= x + 0.001", "y follows x")
            .build();

    List<Configuration> drawn = space.sample(DRAWS, new SplittableRandom(34));

    // Given a, b takes any of 1001 - a values, but no more than 1000.
    double[] below = new double[1_001];
    double[] weights = new double[1_000];
    double flat = 1;
    double steep = 1.0 / Math.log(1000) * expectedLog();
    double total = 0;
    for (int a = 0; a < 1_000; a++) {
      double ways = Math.min(999, 1000 - a) - Math.max(0, 1 - a) + 1;
      weights[a] = ways * (flat + steep + (a >= 900 ? steep : 0));
      total += weights[a];
    }
    for (int a = 0; a < 1_000; a++) {
      below[a + 1] = below[a] + weights[a] / total;
    }
    Map<Integer, Integer> observed = new HashMap<>();
    Map<Integer, Double> expected = new LinkedHashMap<>();
    for (int bin = 0; bin < 20; bin++) {
      expected.put(bin, below[(bin + 1) * 50] - below[bin * 50]);
    }
    drawn.forEach(c -> observed.merge((int) c.getLong("a") / 50, 1, Integer::sum));
    assertThat(Statistics.chiSquare(observed, expected, DRAWS)).isGreaterThan(ALPHA);
    assertThat(drawn).allMatch(c -> space.check(c.toMap()).isEmpty());
  }

  /** The mean of ln((x + 0.001) / 0.001) over x in [0, 0.002]. */
  private static double expectedLog() {
    return (3 * Math.log(3) - 2) / 2;
  }

  @Test
  void sample_needleWithEqualSeeds_isEqualWhateverWasDrawnBefore() {
    ConfigurationSpace used = thinShell();
    used.sample(50, new SplittableRandom(99));

    assertThat(thinShell().sample(20, new SplittableRandom(7)))
        .isEqualTo(used.sample(20, new SplittableRandom(7)));
  }

  @Test
  void sample_fourThreadsOnAFreshSpace_drawAsOne() throws Exception {
    ConfigurationSpace fresh = chainOfNine();
    List<Configuration> expected = chainOfNine().sample(200, new SplittableRandom(3));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Configuration>>> drawn = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        drawn.add(threads.submit(() -> fresh.sample(200, new SplittableRandom(3))));
      }

      for (Future<List<Configuration>> result : drawn) {
        assertThat(result.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void infeasible_contradictionsOfContinua_areProvedWithAMinimalSetOfRules() {
    assertThat(contradiction("a + b <= 0.5", "a >= 0.3", "b >= 0.3", "c <= 0.9"))
        .containsExactly("a + b <= 0.5", "a >= 0.3", "b >= 0.3");
    assertThat(contradiction("a < b", "b < c", "c < a", "a <= 0.5"))
        .containsExactly("a < b", "b < c", "c < a");
    assertThat(contradiction("a * b >= 0.5", "a + b <= 1.2", "c > 0.1"))
        .containsExactly("a * b >= 0.5", "a + b <= 1.2");
  }

  private static List<String> contradiction(String... rules) {
    SpaceBuilder builder = ConfigurationSpace.named("contradiction");
    for (String name : List.of("a", "b", "c")) {
      builder.floating(name, 0.5, 0, 1);
    }
    for (String rule : rules) {
      builder.require(rule, rule);
    }
    InfeasibleSpaceException e =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            InfeasibleSpaceException.class, builder::build);
    assertThat(e).isNotNull();
    return e.rules().stream().map(Rule::text).toList();
  }
}
