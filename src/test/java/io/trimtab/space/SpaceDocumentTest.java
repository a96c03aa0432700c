package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.trimtab.TrimtabException;
import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import io.trimtab.variable.Embedding;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Tensor;
import io.trimtab.variable.TensorDomain;
import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpaceDocumentTest {

  private static ConfigurationSpace everything() {
    return ConfigurationSpace.named("everything")
        .description("One of each.")
        .prefix("all")
        .metadata("owner", "ops")
        .floating("linear", 0.5, 0, 1)
        .floating("log", 1e-3, 1e-6, 1, Scale.LOG)
        .floating("grid", 0.3, 0, 1, 0.1)
        .integer("int", -1, -5, 5)
        .integer("big", 1L << 62, 0, (1L << 62) + 1)
        .integer("step", 10, 0, 100, 5)
        .integer("tokens", 256, 64, 8192, Scale.LOG)
        .choice("choice", "a", "b")
        .weightedChoice("weighted", new LinkedHashMap<>(Map.of("only", 2.5)))
        .ordinal("size", "small", "medium", "large")
        .module("module", "Predict", "ReAct")
        .bool("flag", true)
        .string("text", "line\n\"quoted\" \u00e9 \ud83d\ude00")
        .variable(Variable.of("open", FloatDomain.any(), -0.0).describedAs("open-ended"))
        .variable(Variable.of("word", new StringDomain(1, 9, "[a-z]+", List.of()), "abc"))
        .variable(Variable.of("vector", new EmbeddingDomain(2, false), Embedding.of(1f, 0.1f)))
        .variable(
            Variable.of("tensor", new TensorDomain(null, null), Tensor.ofDoubles(List.of(2), 1, 2)))
        .constant("limit", 4096)
        .constant("pi", 3.14)
        .constant("yes", true)
        .constant("unit", "")
        .activeWhen("int", "module == 'ReAct'")
        .activeWhen("int", "flag")
        .require("tokens <= limit || choice == 'a'", "not too many")
        .forbid("step > 50 && flag", "no large steps")
        .forbid(Map.of("choice", "b", "grid", 0.3, "flag", true), "not these together")
        .build();
  }

  @Test
  void fromJson_whatToJsonWrote_isTheSameSpace() {
    ConfigurationSpace space = everything();

    ConfigurationSpace back = ConfigurationSpace.fromJson(space.toJson());

    assertThat(back).isEqualTo(space);
    assertThat(back.toJson()).isEqualTo(space.toJson());
    assertThat(back.digest()).isEqualTo(space.digest());
    assertThat(back.sample(20, new SplittableRandom(1)))
        .isEqualTo(space.sample(20, new SplittableRandom(1)));
    assertThat(ConfigurationSpace.fromTree(JsonObject.of(space.toTree(), "$"))).isEqualTo(space);
  }

  @Test
  void fromJson_randomSpaces_areTheSame() {
    for (long seed = 0; seed < 200; seed++) {
      ConfigurationSpace space = RandomSpace.of(seed).space();

      assertThat(ConfigurationSpace.fromJson(space.toJson())).as("seed %d", seed).isEqualTo(space);
    }
  }

  @Test
  void digest_anyChange_changes() {
    ConfigurationSpace space = everything();

    assertThat(space.digest()).matches("[0-9a-f]{64}");
    assertThat(space.toBuilder().metadata("owner", "dev").build().digest())
        .isNotEqualTo(space.digest());
  }

  @Test
  void configurationOf_whatToTreeWrote_isTheSameConfiguration() {
    ConfigurationSpace space = everything();
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 50; i++) {
      Configuration drawn = space.sample(random);

      Object tree = Json.parse(Json.write(drawn.toTree()));

      assertThat(space.configurationOf(JsonObject.of(tree, "$").asMap())).isEqualTo(drawn);
    }
  }

  @Test
  void fromJson_otherVersion_saysWhichWasExpected() {
    String other = everything().toJson().replace("trimtab.space/1", "trimtab.space/9");

    assertThatThrownBy(() -> ConfigurationSpace.fromJson(other))
        .isInstanceOf(JsonException.class)
        .hasMessage("$.format: expected \"trimtab.space/1\", got \"trimtab.space/9\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"format\": 1}",
        "{\"format\": \"trimtab.space/1\"}",
        "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"surprise\": 1}",
        "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"parameters\": [1]}",
        "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"parameters\": [{\"name\": \"a\", \"type\": \"BOOLEAN\","
            + " \"default\": true, \"constant\": 1}]}",
        "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"rules\": [{\"message\": \"m\"}]}",
        "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"rules\": [{\"local\": \"m\", \"message\": \"m\"}]}",
        "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"rules\": [{\"forbid\": {\"a\": null}, \"message\": \"m\"}]}"
      })
  void fromJson_malformed_isAJsonError(String document) {
    assertThatThrownBy(() -> ConfigurationSpace.fromJson(document))
        .isInstanceOf(TrimtabException.class)
        .isInstanceOfAny(JsonException.class, InvalidDefinitionException.class);
  }

  @Test
  void fromJson_tooManyParameters_isRefusedAtOnce() {
    String parameter = "{\"name\": \"a\", \"type\": \"BOOLEAN\", \"default\": true}";
    String many = String.join(",", java.util.Collections.nCopies(1001, parameter));

    assertThatThrownBy(
            () ->
                ConfigurationSpace.fromJson(
                    "{\"format\": \"trimtab.space/1\", \"name\": \"s\", \"parameters\": ["
                        + many
                        + "]}"))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("at most 1000 parameters");
  }

  /**
   * Documents that differ from a good one in a few places: read, or refused in a documented way.
   */
  @Test
  void fromTree_mutatedDocuments_failOnlyAsDocumented() {
    Map<String, Object> good = everything().toTree();
    int read = 0;
    for (long seed = 0; seed < 3_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Object mutated = mutate(good, random, 0.01 + 0.05 * random.nextDouble());
      try {
        ConfigurationSpace.fromTree(JsonObject.of(mutated, "$"));
        read++;
      } catch (JsonException | InvalidDefinitionException | InfeasibleSpaceException documented) {
        assertThat(documented).hasMessageMatching("(?s).+");
      } catch (RuntimeException | StackOverflowError e) {
        fail("seed " + seed + ": " + e, e);
      }
    }
    assertThat(read).isPositive();
  }

  private static final Object[] STRANGE = {
    null,
    true,
    0L,
    -1L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0.5,
    -0.0,
    1e308,
    "",
    "a",
    "x < ",
    "has(int)",
    "tokens",
    "trimtab.space/1",
    "a == b && (",
    "\u0000",
    "9".repeat(400),
    List.of(),
    Map.of(),
    List.of(1L)
  };

  private static Object mutate(Object tree, SplittableRandom random, double rate) {
    if (random.nextDouble() < rate / 4) {
      return STRANGE[random.nextInt(STRANGE.length)];
    }
    if (tree instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach(
          (key, value) -> {
            if (random.nextDouble() >= rate / 4) {
              String name = random.nextDouble() < rate / 8 ? key + "x" : (String) key;
              copy.put(name, mutate(value, random, rate));
            }
          });
      return copy;
    }
    if (tree instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      for (Object item : list) {
        int times = random.nextDouble() < rate ? random.nextInt(3) : 1;
        for (int i = 0; i < times; i++) {
          copy.add(mutate(item, random, rate));
        }
      }
      return copy;
    }
    if (random.nextDouble() < rate) {
      return tree instanceof Long number && random.nextBoolean()
          ? Long.valueOf(number + random.nextLong(-3, 4))
          : STRANGE[random.nextInt(STRANGE.length)];
    }
    return tree;
  }
}
