package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.variable.Scale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The code of {@code docs/configuration-spaces.md}, run; and that page, compared with this code.
 */
final class ConfigurationSpaceGuideTest {

  private static ConfigurationSpace agent() {
    // tag::define[]
    ConfigurationSpace space =
        ConfigurationSpace.named("react_agent")
            .floating("temperature", 0.7, 0.0, 1.5)
            .integer("max_tokens", 1024, 64, 8192, Scale.LOG)
            .choice("model", "large", "small") // the first option is the default
            .module("strategy", "ChainOfThought", "Predict", "ReAct")
            .integer("max_iters", 5, 3, 10)
            .activeWhen("max_iters", "strategy == 'ReAct'")
            .require("max_tokens <= 4096 || model != 'small'", "small answers at most 4096 tokens")
            .forbid(Map.of("model", "small", "strategy", "ReAct"), "small cannot use tools")
            .build();
    // end::define[]
    return space;
  }

  @Test
  void validate_wrongValues_listsThem() {
    ConfigurationSpace space = agent();
    List<String> shown = new ArrayList<>();

    // tag::validate[]
    try {
      space.validate(
          Map.of("temperature", 2, "max_tokens", 8000, "model", "small", "strategy", "Predict"));
    } catch (InvalidConfigurationException e) {
      e.violations().forEach(violation -> shown.add(violation.toString()));
    }
    // end::validate[]

    assertThat(shown)
        .containsExactly(
            "temperature: expected a finite number in [0.0, 1.5], got 2",
            "max_tokens, model: expected \"small answers at most 4096 tokens\""
                + " (require max_tokens <= 4096 || model != 'small'),"
                + " got max_tokens = 8000, model = small");
  }

  @Test
  void merge_strategyChanges_childFollows() {
    ConfigurationSpace space = agent();

    // tag::merge[]
    Configuration now = space.defaults();
    Configuration next = now.with(Map.of("strategy", "ReAct", "temperature", 0.2));
    long iterations = next.getLong("max_iters"); // 5, its default
    boolean before = now.has("max_iters"); // false: it was inactive
    // end::merge[]

    assertThat(iterations).isEqualTo(5);
    assertThat(before).isFalse();
  }

  @Test
  void sample_seeded_isReproducible() {
    ConfigurationSpace space = agent();

    // tag::sample[]
    Configuration candidate = space.sample(new SplittableRandom(42));
    List<Configuration> hundred = space.sample(100, new SplittableRandom(42));
    // end::sample[]

    assertThat(hundred.get(0)).isEqualTo(candidate);
  }

  @Test
  void cube_neighbourhood_staysValid() {
    ConfigurationSpace space = agent();

    // tag::cube[]
    double[] point = space.encode(space.defaults()); // one coordinate per space.dimensions()
    point[0] = 0.9; // temperature, near its upper end
    Optional<Configuration> there = space.decode(point); // empty where a rule is broken
    // end::cube[]

    assertThat(there.orElseThrow().getDouble("temperature")).isEqualTo(1.35);
  }

  @Test
  void priors_ofNumbers_leanTheDraws() {
    // tag::priors[]
    ConfigurationSpace space =
        ConfigurationSpace.named("tuned")
            .floating("temperature", 0.7, 0.0, 1.5)
            .prior("temperature", new Prior.Normal(0.7, 0.2))
            .integer("max_tokens", 1024, 64, 8192, Scale.LOG)
            .prior("max_tokens", new Prior.Beta(2, 4)) // towards the lower end, along the logarithm
            .build();
    // end::priors[]

    double mean =
        space.sample(2_000, new SplittableRandom(1)).stream()
            .mapToDouble(c -> c.getDouble("temperature"))
            .average()
            .orElseThrow();
    assertThat(mean).isBetween(0.68, 0.72);
  }

  @Test
  void steps_fromOneConfiguration_stayValid() {
    ConfigurationSpace space = agent();

    // tag::steps[]
    SplittableRandom random = new SplittableRandom(42);
    Configuration step = space.mutate(space.defaults(), random);
    List<Configuration> near = space.neighbours(space.defaults(), random).toList();
    long onGrid = space.grid(3).count(); // three values of each number, every option
    // end::steps[]

    assertThat(near).isNotEmpty().allMatch(c -> space.check(c.toMap()).isEmpty());
    assertThat(space.check(step.toMap())).isEmpty();
    // 3 temperatures: large with 3 token counts and 2 + 3 strategies, small with 2 and 2.
    assertThat(onGrid).isEqualTo(3 * (3 * 5 + 2 * 2));
  }

  @Test
  void configSpace_thereAndBack_isTheSameSpace() {
    ConfigurationSpace space = agent();

    // tag::configspace[]
    String document = ConfigSpaceFormat.write(space); // ConfigurationSpace.from_json(...) in Python
    ConfigurationSpace back = ConfigSpaceFormat.read(document);
    // end::configspace[]

    assertThat(back.sample(100, new SplittableRandom(1)))
        .allMatch(c -> space.check(c.toMap()).isEmpty());
  }

  @Test
  void json_andBack_isTheSame() {
    ConfigurationSpace space = agent();

    // tag::json[]
    String json = space.toJson(); // "format": "trimtab.space/1"
    ConfigurationSpace same = ConfigurationSpace.fromJson(json);
    // end::json[]

    assertThat(same).isEqualTo(space);
  }

  @Test
  void page_everyJavaBlock_isARegionOfThisFile() throws IOException {
    Path source = Path.of("src/test/java/io/trimtab/space/ConfigurationSpaceGuideTest.java");
    String code = plain(Files.readString(source));
    String page = Files.readString(Path.of("docs/configuration-spaces.md"));
    String[] parts = page.split("```");

    int blocks = 0;
    for (int i = 1; i < parts.length; i += 2) {
      if (parts[i].startsWith("java\n")) {
        assertThat(code).contains(plain(parts[i].substring(5)));
        blocks++;
      }
    }
    assertThat(blocks).isEqualTo(9);
  }

  private static String plain(String code) {
    return code.lines().map(String::strip).reduce("", (a, b) -> a + "\n" + b).strip();
  }
}
