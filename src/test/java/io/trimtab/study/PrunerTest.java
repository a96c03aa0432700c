package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.space.ConfigurationSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PrunerTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("s").floating("x", 0, 0, 1).build();

  private static Study study(Pruner pruner) {
    return Study.of("pruned", SPACE).pruner(pruner).build();
  }

  /** A complete trial that has reported the given values at steps 0, 1, ... */
  private static void complete(Study study, double... values) {
    Trial trial = running(study, values);
    study.tell(trial, values[values.length - 1]);
  }

  private static Trial running(Study study, double... values) {
    Trial trial = study.ask();
    for (int step = 0; step < values.length; step++) {
      trial.report(step, values[step]);
    }
    return trial;
  }

  @Test
  void median_bestValueSoFarBelowTheMedianOfTheStep_isPruned() {
    Study study = study(PercentilePruner.median().withStartupTrials(3));
    complete(study, 0.1, 0.2);
    complete(study, 0.3, 0.4);
    assertThat(running(study, 0.0, 0.0).shouldPrune()).isFalse(); // too few complete trials
    complete(study, 0.5, 0.9);

    // at step 1 the others have 0.2, 0.4, 0.9: the median is 0.4
    assertThat(running(study, 0.0, 0.39).shouldPrune()).isTrue();
    assertThat(running(study, 0.0, 0.40).shouldPrune()).isFalse();
    assertThat(running(study, 0.5, 0.10).shouldPrune()).isFalse(); // its best is 0.5
    assertThat(running(study, Double.NaN, Double.NaN).shouldPrune()).isTrue();
    assertThat(running(study, 0.1, 0.2, 0.0).shouldPrune()).isFalse(); // nobody else was at step 2
  }

  @Test
  void percentile_isInterpolatedBetweenValues() {
    double[] values = {4, 1, Double.NaN, 3, 2};

    assertThat(PercentilePruner.percentile(values, 50)).isEqualTo(2.5);
    assertThat(PercentilePruner.percentile(values, 25)).isEqualTo(1.75);
    assertThat(PercentilePruner.percentile(new double[] {Double.NaN}, 50)).isNaN();
  }

  @Test
  void percentile_warmupAndInterval_decideWhenItIsChecked() {
    PercentilePruner pruner =
        PercentilePruner.median().withStartupTrials(1).withWarmupSteps(2).withInterval(3);
    Study study = study(pruner);
    complete(study, 1, 1, 1, 1, 1, 1, 1);
    Trial bad = study.ask();
    List<Integer> checked = new ArrayList<>();
    for (int step = 0; step < 7; step++) {
      bad.report(step, 0);
      if (bad.shouldPrune()) {
        checked.add(step);
      }
    }

    assertThat(checked).containsExactly(2, 5);
  }

  @Test
  void successiveHalving_onlyTheBestOfEachRungGoOn() {
    Study study = study(SuccessiveHalvingPruner.from(1).withFactor(2));

    assertThat(running(study, 0.0, 0.5).shouldPrune()).isFalse(); // first at rung 1
    assertThat(running(study, 0.0, 0.4).shouldPrune()).isTrue(); // one of two, and not the better
    assertThat(running(study, 0.0, 0.6).shouldPrune()).isFalse(); // best of three
    assertThat(running(study, 0.0, 0.5).shouldPrune()).isFalse(); // among the best two of four
    assertThat(running(study, 0.0, 0.45).shouldPrune()).isTrue();
    assertThat(running(study, 0.0).shouldPrune()).isFalse(); // before the first rung
    assertThat(running(study, 0.0, Double.NaN).shouldPrune()).isTrue();
  }

  @Test
  void successiveHalving_automatic_waitsForACompleteTrial() {
    Study study = study(SuccessiveHalvingPruner.create());
    Trial early = running(study, 0, 0, 0);
    assertThat(early.shouldPrune()).isFalse();
    Trial long200 = study.ask();
    long200.report(200, 1);
    study.tell(long200, 1);

    // the first rung is at step 200 / 100 = 2, and the long trial was better when it passed it
    assertThat(running(study, 0, 0, 0).shouldPrune()).isTrue();
  }

  @Test
  void hyperband_dealsTrialsToBracketsByTheirShares() {
    HyperbandPruner pruner = HyperbandPruner.between(1, 27);
    int[] counts = new int[pruner.brackets()];
    IntStream.range(0, 10_000).forEach(number -> counts[pruner.bracket(number)]++);

    // 4 brackets: ceil(4*27/4), ceil(4*9/3), ceil(4*3/2), 4 = 27, 12, 6, 4 of 49
    assertThat(counts).hasSize(4);
    assertThat(counts[0]).isBetween(5480, 5540); // 27 / 49 = 55.1 %
    assertThat(counts[1]).isBetween(2420, 2480);
    assertThat(counts[3]).isBetween(790, 840);
  }

  @Test
  void hyperband_comparesWithinABracketOnly() {
    HyperbandPruner pruner = HyperbandPruner.between(1, 9);
    Study study = study(pruner);
    for (int i = 0; i < 40; i++) {
      complete(study, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    }
    Trial bad = study.ask();
    while (pruner.bracket(bad.number()) != 2) {
      study.tell(bad, 1);
      bad = study.ask();
    }
    bad.report(3, 0); // the last bracket has its first rung at step 1 * 3^2
    assertThat(bad.shouldPrune()).isFalse();
    bad.report(9, 0);
    assertThat(bad.shouldPrune()).isTrue();
  }

  @Test
  void nonsenseSettings_areRefused() {
    assertThatThrownBy(() -> PercentilePruner.keeping(101)).hasMessageContaining("101");
    assertThatThrownBy(() -> SuccessiveHalvingPruner.from(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> SuccessiveHalvingPruner.from(1).withFactor(1))
        .hasMessageContaining("factor");
    assertThatThrownBy(() -> HyperbandPruner.between(5, 4)).hasMessageContaining("most=4");
    assertThatThrownBy(
            () ->
                Study.of("two", SPACE)
                    .maximize("a")
                    .maximize("b")
                    .pruner(PercentilePruner.median())
                    .build())
        .isInstanceOf(IllegalStateException.class);
  }

  /**
   * Replays learning curves that Optuna's pruners have judged
   * (src/python/benchmarks/optuna_pruners.py wrote the file): every decision must be the same.
   */
  @TestFactory
  Stream<DynamicTest> sameDecisionsAsOptuna() throws Exception {
    Path file = Path.of("src/test/resources/io/trimtab/study/optuna-pruners.json");
    JsonObject recorded = Json.parseObject(Files.readString(file), JsonLimits.DEFAULT);
    Map<String, Pruner> pruners =
        Map.of(
            "median", PercentilePruner.median(),
            "quarter",
                PercentilePruner.keeping(25)
                    .withStartupTrials(2)
                    .withWarmupSteps(3)
                    .withInterval(4)
                    .withLeastValues(3),
            "halving", SuccessiveHalvingPruner.from(1).withFactor(3),
            "late", SuccessiveHalvingPruner.from(2).withFactor(2).skipping(1).withBootstrap(2));
    assertThat(recorded.objects("cases").stream().flatMap(one -> one.list("decisions").stream()))
        .contains(true, false); // a recording without a pruned trial would show nothing
    return recorded.objects("cases").stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.string("pruner") + " " + one.string("direction"),
                    () -> replay(one, pruners.get(one.string("pruner")))));
  }

  private static void replay(JsonObject recorded, Pruner pruner) {
    Study.Builder builder = Study.of("replayed", SPACE).pruner(pruner);
    Study study =
        (recorded.string("direction").equals("minimize") ? builder.minimize() : builder.maximize())
            .build();
    List<Boolean> decisions = new ArrayList<>();
    for (JsonObject curve : recorded.objects("trials")) {
      Trial trial = study.ask();
      double last = 0;
      boolean pruned = false;
      List<?> steps = curve.list("steps");
      List<?> values = curve.list("values");
      for (int i = 0; i < steps.size() && !pruned; i++) {
        last = values.get(i) instanceof Number number ? number.doubleValue() : Double.NaN;
        trial.report(((Long) steps.get(i)).intValue(), last);
        pruned = trial.shouldPrune();
        decisions.add(pruned);
      }
      study.tell(trial, pruned ? Outcome.pruned() : Outcome.of(Double.isNaN(last) ? 0 : last));
    }

    assertThat(decisions).isEqualTo(recorded.list("decisions"));
  }
}
