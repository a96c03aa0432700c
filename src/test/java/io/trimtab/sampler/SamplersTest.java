package io.trimtab.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each sampler promises beyond the contract. */
final class SamplersTest {

  private static Sampler named(String name) {
    return Sampler.fromTree(JsonObject.of(Map.of("sampler", name), "$"));
  }

  /** Seeds fixed; each is at least twice as good as random search after 60 trials. */
  @ParameterizedTest
  @ValueSource(strings = {"tpe", "gp", "cma-es", "evolution", "nsga2"})
  void search_onABowlOfAllKinds_beatsRandom(String name) {
    double random = Spaces.medianBest(named("random"), Spaces.MIXED, Spaces::bowl, 5, 90);
    double learnt = Spaces.medianBest(named(name), Spaces.MIXED, Spaces::bowl, 5, 90);

    assertThat(learnt).isLessThan(random / 2);
  }

  /** The bowl's valley is cut by a rule; the best valid loss is 1, on the rule's edge. */
  @ParameterizedTest
  @ValueSource(strings = {"tpe", "gp", "cma-es", "evolution"})
  void search_whereARuleForbidsTheBottom_findsTheEdge(String name) {
    ConfigurationSpace cut =
        Spaces.MIXED.toBuilder().require("x <= 1.0", "not beyond the edge").build();

    double best = Spaces.medianBest(named(name), cut, Spaces::bowl, 3, 120);

    assertThat(best).isBetween(1.0, 2.5);
  }

  /** One valid configuration in a thousand: proposals must not fall back to chance. */
  @Test
  void tpe_underTightRules_stillLearns() {
    ConfigurationSpace tight =
        ConfigurationSpace.named("tight")
            .floating("a", 0.0, 0.0, 1.0)
            .floating("b", 0.0, 0.0, 1.0)
            .floating("c", 0.0, 0.0, 1.0)
            .require("a + b + c <= 0.18", "a small budget")
            .build();

    double random = Spaces.medianBest(named("random"), tight, SamplersTest::corner, 7, 50);
    double tpe = Spaces.medianBest(named("tpe"), tight, SamplersTest::corner, 7, 50);

    assertThat(tpe).isLessThan(random);
  }

  private static double corner(Configuration c) {
    return Math.abs(c.getDouble("a") - 0.15) + c.getDouble("b") + c.getDouble("c");
  }

  @Test
  void grid_asManyTrialsAsPoints_givesEachOnce() {
    GridSampler grid = GridSampler.create().withPoints(4);
    int size = grid.size(Spaces.MIXED);

    List<Observation> history = Spaces.search(grid, Spaces.MIXED, Spaces::bowl, 3, size + 1);

    Set<Configuration> seen = new HashSet<>();
    history.subList(0, size).forEach(o -> seen.add(o.configuration()));
    assertThat(size).isEqualTo(4 * 4 * 3);
    assertThat(seen).hasSize(size);
    assertThat(seen).contains(history.get(size).configuration()); // it begins again
  }

  @Test
  void grid_tooLarge_isRefusedWithItsSize() {
    GridSampler fine = GridSampler.create().withPoints(2_000);

    assertThatThrownBy(() -> fine.propose(Search.of(Spaces.PLANE, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2000 points")
        .hasMessageContaining("plane");
  }

  @Test
  void latinHypercube_eachStripe_hasOneTrialInEachDimension() {
    int size = 20;
    List<Observation> history =
        Spaces.search(LatinHypercubeSampler.of(size), Spaces.PLANE, c -> 0, 8, 2 * size);

    for (int from : new int[] {0, size}) {
      for (String name : List.of("x", "y")) {
        Set<Integer> stripes = new HashSet<>();
        for (Observation o : history.subList(from, from + size)) {
          stripes.add((int) (o.configuration().getDouble(name) * size));
        }
        assertThat(stripes).hasSize(size);
      }
    }
  }

  /** A (0, 2)-sequence in base 2: 64 points have one in each box of 8 by 8, also scrambled. */
  @Test
  void sobol_firstSquareOfTwo_hasOnePointInEachBox() {
    for (long seed : new long[] {0, 1, 99}) {
      Set<Integer> boxes = new HashSet<>();
      for (Observation o : Spaces.search(SobolSampler.create(), Spaces.PLANE, c -> 0, seed, 64)) {
        int x = (int) (o.configuration().getDouble("x") * 8);
        int y = (int) (o.configuration().getDouble("y") * 8);
        boxes.add(8 * x + y);
      }
      assertThat(boxes).hasSize(64);
    }
  }

  /** Scrambled points are uniform: over many seeds the first point's mean and variance agree. */
  @Test
  void sobol_overManySeeds_isUniform() {
    double sum = 0;
    double squares = 0;
    int seeds = 4_000;
    for (int seed = 0; seed < seeds; seed++) {
      double u = SobolSampler.create().propose(Search.of(Spaces.PLANE, seed)).getDouble("y") - 0.5;
      sum += u;
      squares += u * u;
    }

    assertThat(Math.abs(sum / seeds)).isLessThan(4 * Math.sqrt(1.0 / 12 / seeds));
    assertThat(squares / seeds).isBetween(0.95 / 12, 1.05 / 12);
  }

  @Test
  void evolution_afterTheFirstPopulation_changesAParentAmongTheLatest() {
    EvolutionSampler sampler = EvolutionSampler.create().withPopulation(10, 10);
    List<Observation> history = Spaces.search(sampler, Spaces.MIXED, Spaces::bowl, 4, 60);

    for (int n = 10; n < history.size(); n++) {
      Configuration child = history.get(n).configuration();
      List<Observation> alive = history.subList(n - 10, n);
      assertThat(alive).anyMatch(parent -> differences(parent.configuration(), child) <= 1);
    }
  }

  private static int differences(Configuration a, Configuration b) {
    int differences = 0;
    for (String name : List.of("x", "k", "model")) {
      differences += a.lookup(name).equals(b.lookup(name)) ? 0 : 1;
    }
    return differences;
  }

  /** Two losses pull x to different ends: the front is everything between them. */
  @ParameterizedTest
  @ValueSource(strings = {"nsga2", "tpe"})
  void search_withTwoLosses_coversMoreOfTheFrontThanRandom(String name) {
    double learnt = dominatedArea(named(name));
    double random = dominatedArea(named("random"));

    assertThat(learnt).isGreaterThan(random);
  }

  /** The area that the first front dominates within the unit square. */
  private static double dominatedArea(Sampler sampler) {
    ConfigurationSpace space =
        ConfigurationSpace.named("zdt1")
            .floating("x", 0.5, 0.0, 1.0)
            .floating("a", 0.5, 0.0, 1.0)
            .floating("b", 0.5, 0.0, 1.0)
            .floating("c", 0.5, 0.0, 1.0)
            .build();
    List<Observation> history = new ArrayList<>();
    for (int trial = 0; trial < 200; trial++) {
      Configuration c = sampler.propose(Search.of(space, 5, history));
      double g = 1 + 3 * (c.getDouble("a") + c.getDouble("b") + c.getDouble("c"));
      double first = c.getDouble("x");
      history.add(Observation.complete(c, first, g * (1 - Math.sqrt(first / g))));
    }
    List<Observation> front = new ArrayList<>(ParetoOrder.fronts(history, 1).get(0));
    front.sort((p, q) -> Double.compare(p.loss(0), q.loss(0)));
    double area = 0;
    double height = 4;
    for (Observation o : front) {
      area += Math.max(0, 1 - o.loss(0)) * Math.max(0, height - o.loss(1));
      height = Math.min(height, o.loss(1));
    }
    return area;
  }

  @Test
  void paretoOrder_frontsThenLonelyOnesFirst() {
    Observation left = two(0, 10);
    Observation right = two(10, 0);
    Observation middle = two(4, 4);
    Observation crowded = two(4.1, 3.9);
    Observation dominated = two(5, 5);
    List<Observation> shuffled = List.of(dominated, crowded, left, middle, right);

    List<Observation> ordered = ParetoOrder.of(shuffled);

    assertThat(ordered.subList(0, 2)).containsExactlyInAnyOrder(left, right);
    assertThat(ordered.get(4)).isSameAs(dominated);
    assertThat(ParetoOrder.dominates(middle, dominated)).isTrue();
    assertThat(ParetoOrder.dominates(middle, crowded)).isFalse();
    assertThat(ParetoOrder.dominates(middle, middle)).isFalse();
  }

  private static Observation two(double a, double b) {
    return Observation.complete(Spaces.PLANE.defaults(), a, b);
  }

  /** With distances, what is learnt of one option is learnt of its neighbours. */
  @Test
  void tpe_withDistances_prefersOptionsCloseToTheGoodOne() {
    List<String> letters = List.of("a", "b", "c", "d", "e", "f", "g", "h");
    ConfigurationSpace space =
        ConfigurationSpace.named("letters")
            .choice("letter", letters.toArray(new String[0]))
            .build();
    double[][] distances = new double[8][8];
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 8; j++) {
        distances[i][j] = Math.abs(i - j);
      }
    }
    ParzenEstimator estimator =
        ParzenEstimator.of(
            space,
            Collections.nCopies(3, Observation.running(letter(space, "c"))),
            new double[] {1, 1, 1, 1},
            1,
            Map.of("letter", distances));

    double close = estimator.logDensity(space.encode(letter(space, "d")));
    double far = estimator.logDensity(space.encode(letter(space, "h")));

    assertThat(close).isGreaterThan(far + 0.3);
  }

  private static Configuration letter(ConfigurationSpace space, String letter) {
    return space.validate(Map.of("letter", letter));
  }

  @Test
  void tpe_distancesThatFitNoParameter_areRefused() {
    double[][] two = {{0, 1}, {1, 0}};
    TpeSampler sampler = TpeSampler.create().withDistances("model", two);

    assertThatThrownBy(() -> sampler.propose(Search.of(Spaces.MIXED, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("distances of model: expected a parameter of 2 options");
    assertThatThrownBy(
            () -> TpeSampler.create().withDistances("m", new double[][] {{0, 1}, {2, 0}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("symmetric");
  }

  /** The densities of a mixture over a finite space are probabilities: they sum to one. */
  @Test
  void parzenEstimator_overAFiniteSpace_sumsToOne() {
    ConfigurationSpace space =
        ConfigurationSpace.named("finite")
            .integer("k", 3, 0, 12)
            .floating("step", 0.0, 0.0, 1.0, 0.25)
            .choice("c", "x", "y", "z")
            .build();
    SplittableRandom random = new SplittableRandom(7);
    List<Observation> observations = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      observations.add(Observation.running(space.sample(random)));
    }
    ParzenEstimator estimator =
        ParzenEstimator.of(space, observations, new double[] {1, 2, 0.5, 1, 1, 3, 1}, 1, Map.of());

    double sum =
        space
            .configurations()
            .mapToDouble(c -> Math.exp(estimator.logDensity(space.encode(c))) / (13 * 5 * 3))
            .sum();

    assertThat(sum).isBetween(0.99, 1.01); // small cells count with the density of their middle
  }

  @Test
  void parzenEstimator_drawsAndDensity_agree() {
    ConfigurationSpace space = ConfigurationSpace.named("c").choice("c", "x", "y", "z").build();
    Observation x = Observation.running(space.validate(Map.of("c", "x")));
    ParzenEstimator estimator =
        ParzenEstimator.of(space, List.of(x, x, x), new double[] {1, 1, 1, 1}, 1, Map.of());
    SplittableRandom random = new SplittableRandom(11);
    int draws = 20_000;
    int hits = 0;
    for (int i = 0; i < draws; i++) {
      Configuration drawn = space.decode(estimator.draw(random)).orElseThrow();
      hits += drawn.getString("c").equals("x") ? 1 : 0;
    }

    double expected = Math.exp(estimator.logDensity(space.encode(x.configuration()))) / 3;

    assertThat(hits / (double) draws).isBetween(expected - 0.012, expected + 0.012);
  }

  @Test
  void fromTree_unknownNameOrKeyOrValue_isRefusedWithItsPath() {
    assertThatThrownBy(() -> named("magic"))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("$.sampler: no sampler is called \"magic\"");
    assertThatThrownBy(() -> read(Map.of("sampler", "tpe", "candidate", 3)))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("candidate");
    assertThatThrownBy(() -> read(Map.of("sampler", "tpe", "candidates", 0)))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("at least 1, got 10 and 0");
    assertThatThrownBy(() -> read(Map.of("sampler", "gp", "startup_trials", 1L << 40)))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("32-bit");
  }

  private static Sampler read(Map<String, Object> tree) {
    return Sampler.fromTree(JsonObject.of(tree, "$"));
  }

  @Test
  void hipparchus_absent_isNamed() {
    assertThatThrownBy(() -> Hipparchus.require("SobolSampler", "org.hipparchus.Missing"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("SobolSampler needs the library org.hipparchus:hipparchus-core");
  }
}
