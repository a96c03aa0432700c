package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.variable.Scale;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Neighbours, mutation, grids and counts. */
final class NeighbourhoodTest {

  private static final ConfigurationSpace AGENT =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0, 2)
          .integer("tokens", 256, 64, 4096, Scale.LOG)
          .ordinal("effort", "none", "low", "high", "most")
          .choice("model", "large", "small", "tiny")
          .choice("strategy", "Predict", "ReAct")
          .integer("iters", 5, 3, 10)
          .activeWhen("iters", "strategy == 'ReAct'")
          .require("tokens <= 1024 || model != 'tiny'", "tiny is short")
          .require("!has(iters) || iters * tokens <= 8000", "affordable")
          .build();

  private static Set<String> changed(Configuration from, Configuration to) {
    return AGENT.parameters().stream()
        .map(Parameter::name)
        .filter(name -> from.has(name) && to.has(name))
        .filter(name -> !from.get(name).equals(to.get(name)))
        .collect(Collectors.toSet());
  }

  @Test
  void neighbours_all_areValidAndDifferInOneParameter() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Configuration centre = AGENT.sample(random);

      List<Configuration> neighbours = AGENT.neighbours(centre, random).toList();

      assertThat(neighbours).doesNotContain(centre).doesNotHaveDuplicates();
      for (Configuration neighbour : neighbours) {
        assertThat(AGENT.check(neighbour.toMap())).isEmpty();
        assertThat(changed(centre, neighbour)).hasSize(1);
      }
    }
  }

  @Test
  void neighbours_optionsAndOrdinals_areAllOthersAndThoseBeside() {
    Configuration centre = AGENT.defaults().with("effort", "low");

    List<Configuration> neighbours = AGENT.neighbours(centre, new SplittableRandom(1)).toList();

    assertThat(neighbours.stream().map(c -> c.getString("model")).distinct())
        .containsExactlyInAnyOrder("large", "small", "tiny");
    assertThat(neighbours.stream().map(c -> c.getString("effort")).distinct())
        .containsExactlyInAnyOrder("none", "low", "high");
    assertThat(neighbours.stream().filter(c -> changed(centre, c).contains("temperature")))
        .hasSize(4);
    assertThat(AGENT.neighbours(centre, new SplittableRandom(1)).toList()).isEqualTo(neighbours);
  }

  @Test
  void mutate_manySteps_stayValidAndReachEverything() {
    SplittableRandom random = new SplittableRandom(5);
    Configuration at = AGENT.defaults();
    Set<Object> models = new HashSet<>();
    Set<Object> iterations = new HashSet<>();

    for (int i = 0; i < 2_000; i++) {
      Configuration next = AGENT.mutate(at, random);
      assertThat(next).isNotEqualTo(at);
      assertThat(AGENT.check(next.toMap())).isEmpty();
      at = next;
      models.add(at.getString("model"));
      iterations.add(at.has("iters") ? at.get("iters") : "inactive");
    }

    assertThat(models).hasSize(3);
    assertThat(iterations).hasSize(9);
  }

  @Test
  void mutate_noStepIsValid_drawsInstead() {
    ConfigurationSpace equal =
        ConfigurationSpace.named("equal")
            .integer("a", 1, 0, 9)
            .integer("b", 1, 0, 9)
            .require("a == b", "alike")
            .build();

    Configuration mutated = equal.mutate(equal.defaults(), new SplittableRandom(3));

    assertThat(mutated.getLong("a")).isEqualTo(mutated.getLong("b"));
  }

  @Test
  void mutate_configurationOfAnotherSpace_isRefused() {
    ConfigurationSpace other = ConfigurationSpace.named("other").bool("b", true).build();

    assertThatThrownBy(() -> AGENT.mutate(other.defaults(), new SplittableRandom(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("agent")
        .hasMessageContaining("other");
  }

  @Test
  void grid_threePoints_areEndsAndMiddleOfNumbersAndAllOptions() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("x", 0, -1, 1)
            .floating("rate", 0.01, 1e-4, 1, Scale.LOG)
            .integer("few", 1, 1, 2)
            .choice("model", "a", "b", "c", "d")
            .require("x < 1.0 || model == 'a'", "the end is for a")
            .build();

    List<Configuration> grid = space.grid(3).toList();

    assertThat(grid).hasSize(3 * 2 * (2 * 4 + 1)).doesNotHaveDuplicates();
    assertThat(grid.stream().map(c -> c.getDouble("x")).distinct()).containsExactly(-1.0, 0.0, 1.0);
    assertThat(grid.stream().map(c -> Math.log10(c.getDouble("rate"))).map(Math::rint).distinct())
        .containsExactly(-4.0, -2.0, 0.0);
    assertThat(space.grid(1).map(c -> c.getDouble("x")).distinct()).containsExactly(0.0);
    assertThatThrownBy(() -> space.grid(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void validSize_randomSpaces_isTheLengthOfTheList() {
    for (long seed = 0; seed < 40; seed++) {
      RandomSpace made = RandomSpace.of(seed);

      assertThat(made.space().validSize())
          .contains(BigInteger.valueOf(made.distribution().size()))
          .contains(BigInteger.valueOf(made.space().configurations().count()));
    }
  }

  @Test
  void validSize_largeOrContinuous_isExactOrEmpty() {
    ConfigurationSpace large =
        ConfigurationSpace.named("large")
            .integer("a", 0, 0, 1_000_000_000_000L)
            .integer("b", 0, 0, 1_000_000_000_000L)
            .bool("c", true)
            .bool("d", true)
            .require("c || d", "one of both")
            .build();

    assertThat(large.validSize())
        .contains(BigInteger.valueOf(1_000_000_000_001L).pow(2).multiply(BigInteger.valueOf(3)));
    assertThat(AGENT.validSize()).isEmpty();
  }
}
