package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trimtab.json.Json;
import io.trimtab.json.JsonObject;
import io.trimtab.sampler.Observation;
import io.trimtab.sampler.Sampler;
import io.trimtab.sampler.Search;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.variable.Scale;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Sampler} promises: valid, reproducible, at ease with any history, restorable.
 */
public interface SamplerContract {

  /**
   * Returns the sampler under test.
   *
   * @return a sampler; calls may give equal ones
   */
  Sampler sampler();

  /**
   * Restores a sampler; samplers that are not part of the library override it.
   *
   * @param tree what {@link Sampler#toTree} wrote, after a round trip through JSON text
   * @return the restored sampler
   */
  default Sampler restored(JsonObject tree) {
    return Sampler.fromTree(tree);
  }

  /**
   * Returns a space with every kind of parameter, conditions two levels deep and rules.
   *
   * @return the space; one that the sampler can handle, if it cannot handle every space
   */
  default ConfigurationSpace space() {
    return ConfigurationSpace.named("contract")
        .floating("temperature", 0.7, 0.0, 1.5)
        .floating("rate", 1e-3, 1e-6, 1.0, Scale.LOG)
        .floating("penalty", 0.0, -1.0, 1.0, 0.25)
        .integer("tokens", 512, 64, 4096, Scale.LOG)
        .integer("shots", 4, 0, 16)
        .choice("model", "large", "small", "tiny")
        .module("strategy", "Predict", "ReAct")
        .integer("iters", 5, 1, 20)
        .activeWhen("iters", "strategy == 'ReAct'")
        .bool("reflect", false)
        .activeWhen("reflect", "iters > 5")
        .require("tokens <= 2048 || temperature < 0.5", "long answers must be cool")
        .require("model != 'tiny' || shots >= 2", "the tiny model needs examples")
        .build();
  }

  /**
   * Tells whether the sampler draws at random, so that another seed means other proposals.
   *
   * @return true; a sampler that is the same for every seed overrides it
   */
  default boolean drawsAtRandom() {
    return true;
  }

  /**
   * Tells whether the sampler learns from a history of at least 60 trials of one loss.
   *
   * @return false; a sampler that leans towards what was good overrides it
   */
  default boolean learns() {
    return false;
  }

  private Configuration next(Sampler sampler, List<Observation> history, int number) {
    return sampler.propose(Search.of(space(), 42, history).asking(number));
  }

  /** A history with every status, ties and equal configurations. */
  private List<Observation> history(int trials, int objectives) {
    ConfigurationSpace space = space();
    SplittableRandom random = new SplittableRandom(99);
    List<Observation> history = new ArrayList<>();
    for (int i = 0; i < trials; i++) {
      Configuration tried = i % 7 == 6 ? history.get(i - 1).configuration() : space.sample(random);
      history.add(
          switch (i % 11) {
            case 3 -> Observation.failed(tried);
            case 5 -> Observation.pruned(tried, new TreeMap<>(Collections.singletonMap(2, 0.5)));
            case 8 -> Observation.running(tried);
            default -> Observation.complete(tried, losses(tried, objectives));
          });
    }
    return history;
  }

  private static double[] losses(Configuration tried, int objectives) {
    double[] losses = new double[objectives];
    for (int i = 0; i < objectives; i++) {
      losses[i] = Math.abs(tried.getDouble("temperature") - 0.3 * (i + 1));
    }
    return losses;
  }

  /** A search from nothing on gives valid configurations, without values for what is inactive. */
  @Test
  default void propose_searchFromNothing_isAlwaysValid() {
    ConfigurationSpace space = space();
    Sampler sampler = sampler();
    List<Observation> history = new ArrayList<>();

    for (int trial = 0; trial < 60; trial++) {
      Configuration next = next(sampler, history, trial);
      assertThat(next.space()).isEqualTo(space);
      assertThat(space.check(next.toMap())).as("trial %d: %s", trial, next).isEmpty();
      history.add(Observation.complete(next, losses(next, 1)));
    }
  }

  /** Any history will do: failed, pruned and running trials, ties, repeated configurations. */
  @Test
  default void propose_historyWithEveryStatus_isValid() {
    List<Observation> history = history(80, 1);

    for (int length = 0; length <= history.size(); length += 16) {
      Configuration next = next(sampler(), history.subList(0, length), length);
      assertThat(space().check(next.toMap())).isEmpty();
    }
  }

  /** Nothing that ended well is a history, too. */
  @Test
  default void propose_onlyFailedTrials_isValid() {
    List<Observation> failed = Collections.nCopies(40, Observation.failed(space().defaults()));

    assertThat(space().check(next(sampler(), failed, 40).toMap())).isEmpty();
  }

  /** Equal losses everywhere give no direction and no error. */
  @Test
  default void propose_allLossesEqual_isValid() {
    SplittableRandom random = new SplittableRandom(5);
    List<Observation> flat = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      flat.add(Observation.complete(space().sample(random), 1.0));
    }

    assertThat(space().check(next(sampler(), flat, 40).toMap())).isEmpty();
  }

  /** Losses of any size are losses. */
  @Test
  default void propose_hugeAndTinyLosses_isValid() {
    SplittableRandom random = new SplittableRandom(6);
    List<Observation> wild = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      double loss = i % 3 == 0 ? 1e300 : i % 3 == 1 ? -1e300 : 1e-300;
      wild.add(Observation.complete(space().sample(random), loss));
    }

    assertThat(space().check(next(sampler(), wild, 40).toMap())).isEmpty();
  }

  /** As many losses per trial as the sampler says it can handle. */
  @Test
  default void propose_severalObjectives_isValid() {
    int objectives = Math.min(3, sampler().mostObjectives());

    List<Observation> history = history(60, objectives);

    assertThat(space().check(next(sampler(), history, 60).toMap())).isEmpty();
  }

  /** A space with nothing to vary has one configuration. */
  @Test
  default void propose_nothingVaries_givesTheOnlyConfiguration() {
    ConfigurationSpace single =
        ConfigurationSpace.named("single").constant("model", "only").build();
    List<Observation> history =
        Collections.nCopies(30, Observation.complete(single.defaults(), 1.0));

    assertThat(sampler().propose(Search.of(single, 1))).isEqualTo(single.defaults());
    assertThat(sampler().propose(Search.of(single, 1, history))).isEqualTo(single.defaults());
  }

  /** A single choice is a space. */
  @Test
  default void propose_oneChoiceOnly_isValid() {
    ConfigurationSpace coin = ConfigurationSpace.named("coin").bool("heads", true).build();
    List<Observation> history = new ArrayList<>();

    for (int trial = 0; trial < 40; trial++) {
      Configuration next = sampler().propose(Search.of(coin, 1, history));
      history.add(Observation.complete(next, next.getBoolean("heads") ? 1.0 : 0.0));
    }

    assertThat(history).allMatch(o -> o.configuration().space().equals(coin));
  }

  /** The same search gives the same proposal; what was asked before makes no difference. */
  @Test
  default void propose_sameSearchInAnotherOrder_givesTheSame() {
    List<Observation> history = history(70, 1);
    List<Integer> lengths = new ArrayList<>(List.of(0, 5, 12, 25, 40, 55, 70));
    Sampler first = sampler();
    List<Configuration> forward = new ArrayList<>();
    for (int length : lengths) {
      forward.add(next(first, history.subList(0, length), length));
    }

    Sampler second = sampler();
    List<Configuration> backward = new ArrayList<>();
    Collections.reverse(lengths);
    for (int length : lengths) {
      backward.add(0, next(second, history.subList(0, length), length));
    }

    assertThat(backward).isEqualTo(forward);
  }

  /** Another seed is another search. */
  @Test
  default void propose_otherSeeds_giveOtherProposals() {
    assumeTrue(drawsAtRandom(), "the sampler does not draw at random");
    List<Observation> history = history(50, 1);
    Set<List<Configuration>> searches = new HashSet<>();

    for (long seed = 0; seed < 4; seed++) {
      List<Configuration> proposed = new ArrayList<>();
      for (int length : new int[] {0, 10, 50}) {
        Search search = Search.of(space(), seed, history.subList(0, length));
        proposed.add(sampler().propose(search));
      }
      searches.add(proposed);
    }

    assertThat(searches).hasSize(4);
  }

  /** What learns proposes better than it was told, on the average. */
  @Test
  default void propose_afterGoodAndBadTrials_leansTowardsTheGood() {
    assumeTrue(learns(), "the sampler does not learn");
    SplittableRandom random = new SplittableRandom(7);
    List<Observation> history = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      Configuration tried = space().sample(random);
      history.add(Observation.complete(tried, losses(tried, 1)));
    }

    List<Observation> proposed = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Configuration next = next(sampler(), history, history.size() + i);
      proposed.add(Observation.complete(next, losses(next, 1)));
    }

    assertThat(meanLoss(proposed)).isLessThan(meanLoss(history) * 0.75);
  }

  private static double meanLoss(List<Observation> observations) {
    return observations.stream().mapToDouble(Observation::loss).average().orElseThrow();
  }

  /** Several threads may ask one sampler at once, and each gets what it would get alone. */
  @Test
  default void propose_byManyThreadsAtOnce_givesTheSame() throws Exception {
    Sampler sampler = sampler();
    List<Observation> history = history(50, 1);
    List<Configuration> alone =
        IntStream.range(0, 16).mapToObj(i -> next(sampler(), history, 50 + i)).toList();
    List<Callable<Configuration>> asks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int number = 50 + i;
      asks.add(() -> next(sampler, history, number));
    }

    List<Configuration> together = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Configuration> ask : threads.invokeAll(asks)) {
        together.add(ask.get());
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(together).isEqualTo(alone);
  }

  /** Trials asked for before any of them is told are not all the same. */
  @Test
  default void propose_manyTrialsWithTheSameHistory_differ() {
    List<Observation> history = history(50, 1);
    Set<Configuration> proposed = new HashSet<>();

    for (int i = 0; i < 20; i++) {
      Configuration next = next(sampler(), history, history.size());
      proposed.add(next);
      history.add(Observation.running(next));
    }

    assertThat(proposed).hasSizeGreaterThan(10);
  }

  /** The settings survive a round trip through JSON text, and decide the same. */
  @Test
  default void toTree_restored_makesTheSameProposals() {
    Sampler original = sampler();
    String text = Json.write(original.toTree());
    Sampler restored = restored(JsonObject.of(Json.parse(text), "$"));

    assertThat(restored.toTree()).isEqualTo(original.toTree());
    assertThat(restored.toString()).isEqualTo(original.toString());
    List<Observation> history = history(60, 1);
    for (int length : new int[] {0, 15, 60}) {
      assertThat(next(restored, history.subList(0, length), length))
          .isEqualTo(next(original, history.subList(0, length), length));
    }
  }

  /** The name is a word for reports, and the tree says whose settings it holds. */
  @Test
  default void name_isAWord() {
    assertThat(sampler().name()).matches("[a-z][a-z0-9-]{0,31}");
    assertThat(sampler().toTree()).containsEntry("sampler", sampler().name());
    assertThat(sampler().mostObjectives()).isPositive();
  }
}
