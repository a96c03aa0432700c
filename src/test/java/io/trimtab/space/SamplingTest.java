package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.variable.Domain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link ConfigurationSpace#sample} promises: valid, and distributed as declared. A check
 * rejects when a correct sampler would do as badly less than once in a hundred thousand runs; seeds
 * are fixed, so a check that passes once always passes.
 */
final class SamplingTest {

  private static final double ALPHA = 1e-5;
  private static final int DRAWS = 20_000;

  private static double[] draw(ConfigurationSpace space, String name, int n) {
    return space.sample(n, new SplittableRandom(20)).stream()
        .mapToDouble(configuration -> configuration.getDouble(name))
        .toArray();
  }

  private static <K> double fit(
      ConfigurationSpace space, Function<Configuration, K> category, Map<K, Double> probabilities) {
    Map<K, Integer> observed = new HashMap<>();
    SplittableRandom random = new SplittableRandom(21);
    for (int i = 0; i < DRAWS; i++) {
      observed.merge(category.apply(space.sample(random)), 1, Integer::sum);
    }
    return Statistics.chiSquare(observed, probabilities, DRAWS);
  }

  @Test
  void marginals_continua_followTheirScale() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("linear", 0, -2, 6)
            .floating("log", 1e-3, 1e-5, 10, Scale.LOG)
            .build();

    assertThat(Statistics.kolmogorovSmirnov(draw(space, "linear", DRAWS), x -> (x + 2) / 8))
        .isGreaterThan(ALPHA);
    assertThat(
            Statistics.kolmogorovSmirnov(draw(space, "log", DRAWS), x -> Math.log10(x / 1e-5) / 6))
        .isGreaterThan(ALPHA);
    assertThat(Statistics.kolmogorovSmirnov(draw(space, "log", DRAWS), x -> x / 10))
        .as("the check can fail")
        .isLessThan(1e-100);
  }

  @Test
  void marginals_cells_followStepsScalesAndWeights() {
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put("rare", 0.5);
    weights.put("common", 9.5);
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .integer("step", 10, 10, 50, 10)
            .integer("log", 1, 1, 6, Scale.LOG)
            .floating("grid", 0.1, 0.1, 0.45, 0.1)
            .weightedChoice("weighted", weights)
            .bool("flag", true)
            .integer("wide", 0, -2_000_000_000_000L, 2_000_000_000_000L)
            .build();
    Map<Object, Double> log = new HashMap<>();
    for (long k = 1; k <= 6; k++) {
      log.put(k, Math.log((k + 0.5) / (k - 0.5)) / Math.log(13));
    }

    assertThat(fit(space, c -> c.get("step"), even(10L, 20L, 30L, 40L, 50L))).isGreaterThan(ALPHA);
    assertThat(fit(space, c -> c.get("log"), log)).isGreaterThan(ALPHA);
    assertThat(fit(space, c -> c.get("grid"), even(0.1, 0.2, 0.3, 0.4))).isGreaterThan(ALPHA);
    assertThat(fit(space, c -> c.get("weighted"), Map.of("rare", 0.05, "common", 0.95)))
        .isGreaterThan(ALPHA);
    assertThat(fit(space, c -> c.get("flag"), even(true, false))).isGreaterThan(ALPHA);
    assertThat(Statistics.kolmogorovSmirnov(draw(space, "wide", DRAWS), x -> (x + 2e12) / 4e12))
        .isGreaterThan(ALPHA);
    assertThat(fit(space, c -> c.get("log"), even(1L, 2L, 3L, 4L, 5L, 6L)))
        .as("the check can fail")
        .isLessThan(1e-100);
  }

  private static Map<Object, Double> even(Object... values) {
    Map<Object, Double> probabilities = new HashMap<>();
    for (Object value : values) {
      probabilities.put(value, 1.0 / values.length);
    }
    return probabilities;
  }

  static LongStream seeds() {
    return LongStream.range(0, "long".equals(System.getProperty("trimtab.profile")) ? 2_000 : 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void sample_discreteSpaceWithConditionsAndRules_agreesWithBruteForce(long seed) {
    RandomSpace random = RandomSpace.of(seed);
    Map<Map<String, Object>, Double> expected = random.distribution();

    assertThat(fit(random.space(), Configuration::toMap, expected)).isGreaterThan(ALPHA);
    assertThat(random.space().configurations().map(Configuration::toMap).toList())
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    for (Configuration drawn : random.space().sample(50, new SplittableRandom(seed))) {
      assertThat(random.space().check(drawn.toMap())).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void check_anyCombination_agreesWithTheOracle(long seed) {
    RandomSpace made = RandomSpace.of(seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 50; i++) {
      Map<String, Object> all = new LinkedHashMap<>();
      for (RandomSpace.Knob knob : made.knobs()) {
        List<Object> values = new ArrayList<>(knob.prior().keySet());
        all.put(knob.name(), values.get(random.nextInt(values.size())));
      }
      Map<String, Object> active = made.active(all);

      assertThat(made.space().check(active).isEmpty())
          .as("%s", active)
          .isEqualTo(made.valid(active));
      assertThat(made.space().check(all).isEmpty())
          .isEqualTo(made.valid(active) && active.size() == all.size());
    }
  }

  /** A rule may be called broken only if no value of what is missing could mend it. */
  @ParameterizedTest
  @MethodSource("seeds")
  void check_oneValueMissingOrWrong_callsOnlyThoseRulesBrokenThatCannotBeMended(long seed) {
    RandomSpace made = RandomSpace.of(seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 30; i++) {
      Map<String, Object> all = new LinkedHashMap<>();
      made.knobs().forEach(knob -> all.put(knob.name(), prior(knob, random)));
      Map<String, Object> given = new LinkedHashMap<>(made.active(all));
      List<String> present = new ArrayList<>(given.keySet());
      String missing = present.get(random.nextInt(present.size()));
      if (random.nextBoolean()) {
        given.remove(missing);
      } else {
        given.put(missing, "no value of any domain");
      }

      InvalidConfigurationException e =
          catchThrowableOfType(
              InvalidConfigurationException.class, () -> made.space().validate(given));

      assertThat(e.violations()).anyMatch(violation -> violation.subject().equals(missing));
      for (Rule broken : e.brokenRules()) {
        assertThat(made.completions(given, missing))
            .as("%s of %s without %s", broken, given, missing)
            .noneMatch(completion -> made.holds(broken.message(), completion));
      }
    }
  }

  @Test
  void sampledByRejection_agreesWithBruteForceToo() {
    // Too many combinations for a list: 6^6 = 46,656, of which enough are valid for rejection.
    SpaceBuilder builder = ConfigurationSpace.named("s");
    for (int i = 0; i < 6; i++) {
      builder.integer("x" + i, i % 2, 0, 5);
    }
    ConfigurationSpace space =
        builder
            .require("x0 + x1 + x2 + x3 + x4 + x5 <= 15", "few")
            .forbid("x0 == x1 && x1 == x2", "not three alike")
            .require("x0 != 2 || x5 > 1", "two needs more")
            .build();
    Map<Long, Double> marginal = new HashMap<>();
    int[] valid = {0};
    for (int code = 0; code < 46_656; code++) {
      int[] x = new int[6];
      int sum = 0;
      for (int i = 0, rest = code; i < 6; i++, rest /= 6) {
        x[i] = rest % 6;
        sum += x[i];
      }
      if (sum <= 15 && !(x[0] == x[1] && x[1] == x[2]) && (x[0] != 2 || x[5] > 1)) {
        marginal.merge((long) x[0] * 6 + x[5], 1.0, Double::sum);
        valid[0]++;
      }
    }
    marginal.replaceAll((key, count) -> count / valid[0]);

    assertThat(fit(space, c -> c.getLong("x0") * 6 + c.getLong("x5"), marginal))
        .isGreaterThan(ALPHA);
  }

  /** Domains of every kind, some of them conditional, with rules over their lower parts. */
  @ParameterizedTest
  @MethodSource("seeds")
  void sample_mixedSpace_alwaysValidates(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SpaceBuilder builder =
        ConfigurationSpace.named("mixed").bool("b0", true).bool("b1", false).activeWhen("b1", "b0");
    for (int i = 0; i < 6; i++) {
      String name = "p" + i;
      Domain<?> domain = AxisTest.domain(random);
      if (domain instanceof FloatDomain floats && floats.step() > 0) {
        continue; // some steps are too fine for their doubles
      }
      Object least = AxisTest.first(domain);
      builder.variable(Variable.of(name, domain, least));
      if (random.nextBoolean()) {
        builder.activeWhen(name, random.nextBoolean() ? "b0" : "has(b1) && b1 || !b0");
      }
      if (least instanceof Number && random.nextBoolean()) {
        builder.require(
            "%s <= %s || has(b1) && b1".formatted(name, least), name + " is least unless b1");
      }
    }
    ConfigurationSpace space = builder.build();
    List<Configuration> drawn = new ArrayList<>();
    try {
      drawn.addAll(space.sample(20, random));
    } catch (SamplingException nothingButTheDefaults) {
      assertThat(nothingButTheDefaults.rejections()).isNotEmpty();
    }

    for (Configuration configuration : drawn) {
      assertThat(space.check(configuration.toMap())).isEmpty();
      assertThat(space.validate(configuration.toMap())).isEqualTo(configuration);
      assertThat(space.encode(configuration)).hasSize(space.dimensions().size());
    }
  }

  @Test
  void sample_orderedContinua_areOrderStatistics() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("a", 0.1, 0, 1)
            .floating("b", 0.2, 0, 1)
            .floating("c", 0.3, 0, 1)
            .require("a < b", "a before b")
            .require("b < c", "b before c")
            .build();

    assertThat(Statistics.kolmogorovSmirnov(draw(space, "a", DRAWS), x -> 1 - Math.pow(1 - x, 3)))
        .isGreaterThan(ALPHA);
    assertThat(Statistics.kolmogorovSmirnov(draw(space, "b", DRAWS), x -> x * x * (3 - 2 * x)))
        .isGreaterThan(ALPHA);
  }

  @Test
  void sample_oneInAMillionDiscrete_isListedAndEven() {
    SpaceBuilder builder = ConfigurationSpace.named("s");
    for (int i = 0; i < 7; i++) {
      builder.integer("x" + i, 4, 0, 9);
    }
    for (int i = 1; i < 7; i++) {
      builder.require("x" + i + " == x0", "all alike");
    }
    ConfigurationSpace space = builder.build();

    assertThat(fit(space, c -> c.get("x3"), even(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L)))
        .isGreaterThan(ALPHA);
  }

  @Test
  void sample_twoRareGroups_costTheirSumNotTheirProduct() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("a", 0.5, 0, 1)
            .floating("b", 0.5, 0, 1)
            .require("abs(a - 0.5) < 0.001", "a in the middle")
            .require("abs(b - 0.5) < 0.001", "b in the middle")
            .build();

    // One in 500 each: together one in 250,000, which 10,000 attempts would hardly ever find.
    for (int i = 0; i < 20; i++) {
      Configuration drawn = space.sample(new SplittableRandom(i), SamplingBudget.attempts(10_000));
      assertThat(drawn.getDouble("a")).isBetween(0.499, 0.501);
    }
  }

  @Test
  void sample_equalSeeds_areEqualWhateverWasDrawnBefore() {
    ConfigurationSpace used = ConfigurationSpaceTest.REACT_AGENT;
    used.sample(1_000, new SplittableRandom(99));
    ConfigurationSpace fresh = used.toBuilder().build();

    assertThat(fresh.sample(100, new SplittableRandom(7)))
        .isEqualTo(used.sample(100, new SplittableRandom(7)))
        .isNotEqualTo(used.sample(100, new SplittableRandom(8)));
    assertThat(fresh.sample(100, RandomGenerator.of("L64X128MixRandom"))).hasSize(100);
  }

  @Test
  void sample_eightThreadsOnAFreshSpace_drawAsOne() throws Exception {
    List<Configuration> expected =
        ConfigurationSpaceTest.REACT_AGENT.sample(500, new SplittableRandom(3));
    ConfigurationSpace fresh = ConfigurationSpaceTest.REACT_AGENT.toBuilder().build();
    CountDownLatch start = new CountDownLatch(1);
    List<CompletableFuture<List<Configuration>>> drawn = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (int i = 0; i < 8; i++) {
        drawn.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    start.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  return fresh.sample(500, new SplittableRandom(3));
                },
                threads));
      }
      start.countDown();

      for (CompletableFuture<List<Configuration>> result : drawn) {
        assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static final ConfigurationSpace NEEDLE =
      ConfigurationSpace.named("needle")
          .floating("a", 0.5, 0, 1)
          .floating("b", 0.25, 0, 1)
          .floating("c", 0.25, 0, 1)
          .require("max(a - b - c, b + c - a) < 1e-12", "a is b plus c")
          .require("a <= 0.9", "a is not large")
          .build();

  @Test
  void sample_hardlyAnythingValid_endsWithTheRulesToBlame() {
    SamplingException e =
        catchThrowableOfType(
            SamplingException.class,
            () -> NEEDLE.sample(new SplittableRandom(1), SamplingBudget.attempts(50_000)));

    assertThat(e.attempts()).isEqualTo(50_000);
    assertThat(e.acceptanceAtMost()).isEqualTo(6e-5);
    assertThat(e.space()).isEqualTo("needle");
    SamplingException.Rejection worst = e.rejections().get(0);
    SamplingException.Rejection other = e.rejections().get(1);
    assertThat(worst.rule().message()).isEqualTo("a is b plus c");
    assertThat(worst.share()).isEqualTo(1.0);
    assertThat(worst.soleShare()).isBetween(0.88, 0.92);
    assertThat(other.share()).isBetween(0.08, 0.12);
    assertThat(other.soleShare()).isZero();
    assertThat(e).hasMessageContaining("rejects 100.0 %").hasMessageContaining("0.0060 %");
  }

  @Test
  void sample_timeIsUp_endsBeforeTheAttempts() {
    AtomicLong seconds = new AtomicLong();
    SamplingBudget budget =
        SamplingBudget.attempts(Long.MAX_VALUE)
            .within(Duration.ofSeconds(10), () -> Instant.ofEpochSecond(seconds.getAndIncrement()));

    SamplingException e =
        catchThrowableOfType(
            SamplingException.class, () -> NEEDLE.sample(new SplittableRandom(1), budget));

    assertThat(e.attempts()).isLessThan(10_000);
  }

  @Test
  void budget_withoutAttemptsOrTime_isRefused() {
    assertThatThrownBy(() -> SamplingBudget.attempts(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SamplingBudget.attempts(1).within(Duration.ZERO, Instant::now))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NEEDLE.sample(-1, new SplittableRandom(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Samplers that are wrong in a way that looks right; the checks above must notice. */
  @Test
  void plantedFaults_wrongSamplers_failTheSameChecks() {
    int spaces = 0;
    int biasFound = 0;
    int blindFound = 0;
    for (long seed = 0; seed < 60; seed++) {
      RandomSpace made = RandomSpace.of(seed);
      Map<Map<String, Object>, Double> expected = made.distribution();
      if (!made.constrained() || !made.conditional()) {
        continue;
      }
      spaces++;
      Set<Map<String, Object>> completable = beginnings(made, expected.keySet());
      biasFound += fit(expected, random -> sequential(made, completable, random)) < ALPHA ? 1 : 0;
      blindFound += fit(expected, random -> blind(made, random)) < ALPHA ? 1 : 0;
      assertThat(fit(expected, random -> exact(made, random))).isGreaterThan(ALPHA);
    }

    assertThat(spaces).isGreaterThan(20);
    // Not every space tells the samplers apart: some rules are satisfied by chance, always.
    assertThat(biasFound).isGreaterThan(spaces / 3);
    assertThat(blindFound).isGreaterThan(spaces / 2);
  }

  private static double fit(
      Map<Map<String, Object>, Double> expected,
      Function<SplittableRandom, Map<String, Object>> sampler) {
    Map<Map<String, Object>, Integer> observed = new HashMap<>();
    SplittableRandom random = new SplittableRandom(22);
    for (int i = 0; i < 5_000; i++) {
      observed.merge(sampler.apply(random), 1, Integer::sum);
    }
    return Statistics.chiSquare(observed, expected, 5_000);
  }

  private static Object prior(RandomSpace.Knob knob, SplittableRandom random) {
    double u = random.nextDouble();
    Object last = "";
    for (Map.Entry<Object, Double> entry : knob.prior().entrySet()) {
      last = entry.getKey();
      u -= entry.getValue();
      if (u < 0) {
        return last;
      }
    }
    return last;
  }

  /** Draws one parameter after the other among those values that can still be completed. */
  private static Map<String, Object> sequential(
      RandomSpace made, Set<Map<String, Object>> completable, SplittableRandom random) {
    Map<String, Object> drawn = new LinkedHashMap<>();
    for (RandomSpace.Knob knob : made.knobs()) {
      if (made.active(padded(made, drawn)).containsKey(knob.name())) {
        do {
          drawn.put(knob.name(), prior(knob, random));
        } while (!completable.contains(drawn));
      }
    }
    return drawn;
  }

  /** The beginnings of all valid configurations. */
  private static Set<Map<String, Object>> beginnings(
      RandomSpace made, Set<Map<String, Object>> valid) {
    Set<Map<String, Object>> beginnings = new HashSet<>();
    for (Map<String, Object> configuration : valid) {
      Map<String, Object> beginning = new LinkedHashMap<>();
      for (RandomSpace.Knob knob : made.knobs()) {
        if (configuration.containsKey(knob.name())) {
          beginning.put(knob.name(), configuration.get(knob.name()));
          beginnings.add(Map.copyOf(beginning));
        }
      }
    }
    return beginnings;
  }

  private static Map<String, Object> padded(RandomSpace made, Map<String, Object> part) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (RandomSpace.Knob knob : made.knobs()) {
      Object any = knob.prior().keySet().iterator().next();
      all.put(knob.name(), part.getOrDefault(knob.name(), any));
    }
    return all;
  }

  /** Takes every parameter for active. */
  private static Map<String, Object> blind(RandomSpace made, SplittableRandom random) {
    for (int i = 0; i < 50; i++) {
      Map<String, Object> all = new LinkedHashMap<>();
      made.knobs().forEach(knob -> all.put(knob.name(), prior(knob, random)));
      if (made.valid(all)) {
        return all;
      }
    }
    return Map.of();
  }

  private static Map<String, Object> exact(RandomSpace made, SplittableRandom random) {
    while (true) {
      Map<String, Object> all = new LinkedHashMap<>();
      made.knobs().forEach(knob -> all.put(knob.name(), prior(knob, random)));
      Map<String, Object> active = made.active(all);
      if (made.valid(active)) {
        return active;
      }
    }
  }
}
