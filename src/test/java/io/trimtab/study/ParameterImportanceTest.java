package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class ParameterImportanceTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .floating("x", 0.5, 0.0, 1.0)
          .floating("y", 0.5, 0.0, 1.0)
          .choice("style", "a", "b", "c", "d")
          .choice("mode", "plain", "deep")
          .integer("depth", 1, 1, 10)
          .activeWhen("depth", "mode == 'deep'")
          .build();

  private static Map<String, Double> shares(ToDoubleFunction<Configuration> score) {
    Study study = Study.of("explained", SPACE).sampler(RandomSampler.create()).seed(2).build();
    study.run(
        Objective.scored(trial -> score.applyAsDouble(trial.configuration())), Budget.trials(400));
    return ParameterImportance.of(study).shares();
  }

  @Test
  void linearFunction_sharesAreTheVariancesOfItsTerms() {
    // Var(3x) : Var(y) = 9 : 1 for uniform x and y
    Map<String, Double> shares = shares(c -> 3 * c.getDouble("x") + c.getDouble("y"));

    assertThat(shares.keySet()).first().isEqualTo("x");
    assertThat(shares.get("x")).isCloseTo(0.9, within(0.04));
    assertThat(shares.get("y")).isCloseTo(0.1, within(0.04));
    assertThat(shares.values().stream().mapToDouble(Double::doubleValue).sum())
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void unorderedOptions_areExplainedWhateverTheirOrder() {
    // the good options are neither first nor last
    Map<String, Double> shares =
        shares(c -> ("bd".contains(c.getString("style")) ? 1 : 0) + 0.5 * c.getDouble("x"));

    // Var(0/1 at half each) = 1/4, Var(0.5 x) = 1/48
    assertThat(shares.get("style")).isCloseTo(12 / 13.0, within(0.04));
  }

  @Test
  void conditionalParameter_isCreditedForWhatItDoes_notForBeingActive() {
    Map<String, Double> activity = shares(c -> c.has("depth") ? 1 : 0);
    Map<String, Double> effect = shares(c -> c.has("depth") ? c.getLong("depth") : 0);

    assertThat(activity.get("mode")).isGreaterThan(0.98);
    assertThat(activity.get("depth")).isLessThan(0.01);
    // marginals: mode 5.5 or 0, variance 5.5^2 / 4; depth d / 2, variance 99 / 12 / 4
    assertThat(effect.get("depth")).isCloseTo(8.25 / (30.25 + 8.25), within(0.04));
  }

  @Test
  void equalScores_orFewTrials_explainNothing() {
    assertThat(shares(c -> 1).values()).containsOnly(0.0);
    assertThat(ParameterImportance.of(Study.of("new", SPACE).build()).shares().values())
        .containsOnly(0.0);
  }

  @Test
  void severalGoals_areExplainedEachByItself() {
    Study study =
        Study.of("two", SPACE).maximize("a").minimize("b").sampler(RandomSampler.create()).build();
    study.run(
        trial ->
            Outcome.ofAll(
                trial.configuration().getDouble("x"), trial.configuration().getDouble("y")),
        Budget.trials(200));

    assertThat(ParameterImportance.of(study, 0).shares().keySet()).first().isEqualTo("x");
    assertThat(ParameterImportance.of(study, 1).shares().keySet()).first().isEqualTo("y");
  }
}
