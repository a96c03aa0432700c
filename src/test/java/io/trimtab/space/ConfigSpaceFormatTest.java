package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Scale;
import io.trimtab.variable.VariableType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Reading and writing the documents of the Python library ConfigSpace; see the fixtures' README.
 */
final class ConfigSpaceFormatTest {

  private static String fixture(String name) {
    try {
      Path path = Path.of("src/test/resources/configspace", name);
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<JsonObject> rows(String name) {
    return JsonObject.of(Map.of("rows", Json.parse(fixture(name))), "$").objects("rows");
  }

  private static final ConfigurationSpace EVERYTHING =
      ConfigSpaceFormat.read(fixture("everything.json"));

  @Test
  void read_everything_keepsTypesScalesAndPriors() {
    assertThat(EVERYTHING.parameters()).hasSize(22);
    assertThat(EVERYTHING.parameter("temp").prior()).contains(new Prior.Normal(0.7, 0.2));
    assertThat(EVERYTHING.parameter("bi").prior()).contains(new Prior.Beta(3, 2));
    Prior.Normal logarithmic =
        (Prior.Normal) EVERYTHING.parameter("lognormal").prior().orElseThrow();
    assertThat(logarithmic.deviation()).isCloseTo(Math.log(6), within(1e-12));
    assertThat(EVERYTHING.parameter("flag").variable().type()).isEqualTo(VariableType.BOOLEAN);
    assertThat(EVERYTHING.parameter("size").variable().type()).isEqualTo(VariableType.INTEGER);
    assertThat(EVERYTHING.parameter("ratio").axis().cells()).isEqualTo(2);
    assertThat(EVERYTHING.parameter("model").axis().mass(0)).isCloseTo(0.6, within(1e-12));
    assertThat(EVERYTHING.parameter("effort").ordered()).isTrue();
    assertThat(EVERYTHING.parameter("seven").constant()).isTrue();
    assertThat(EVERYTHING.defaults().getLong("max-tokens")).isEqualTo(512);
  }

  @Test
  void read_itsOwnSamples_areAllValid() {
    for (JsonObject sample : rows("everything-samples.json")) {
      assertThat(EVERYTHING.check(sample.asMap())).as("%s", sample).isEmpty();
    }
  }

  @Test
  void read_itsVerdicts_areOurs() {
    assertVerdicts(EVERYTHING);
  }

  private static void assertVerdicts(ConfigurationSpace space) {
    int valid = 0;
    for (JsonObject row : rows("verdicts.json")) {
      boolean accepted = space.check(row.object("values").asMap()).isEmpty();
      assertThat(accepted).as("%s", row).isEqualTo(row.bool("valid"));
      valid += accepted ? 1 : 0;
    }
    assertThat(valid).isBetween(30, 110);
  }

  @Test
  void write_everything_readsBackWithTheSameVerdicts() throws IOException {
    String written = ConfigSpaceFormat.write(EVERYTHING);
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target/configspace-exported.json"), written);

    ConfigurationSpace back = ConfigSpaceFormat.read(written);

    assertVerdicts(back);
    assertThat(back.defaults()).isEqualTo(EVERYTHING.defaults());
    for (Parameter parameter : EVERYTHING.parameters()) {
      assertThat(back.parameter(parameter.name()).axis().getClass())
          .isEqualTo(parameter.axis().getClass());
    }
    SplittableRandom random = new SplittableRandom(50);
    for (int i = 0; i < 300; i++) {
      assertThat(back.check(EVERYTHING.sample(random).toMap())).isEmpty();
      assertThat(EVERYTHING.check(back.sample(random).toMap())).isEmpty();
    }
  }

  @Test
  void write_questionsAboutOneParameter_becomeLists() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .choice("model", "gpt-a", "gpt-b", "other")
            .integer("n", 4, 0, 12)
            .floating("x", 0.5, 0, 1, 0.25)
            .floating("y", 0.5, 0, 1)
            .activeWhen("y", "model.startsWith('gpt-') && n <= 8")
            .require("n % 4 == 0", "multiples of four")
            .forbid("!has(y) || y >= 0.9 && x > 0.5", "not both")
            .build();

    assertThatThrownBy(() -> ConfigSpaceFormat.write(space))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has(y)");
    String written =
        ConfigSpaceFormat.write(
            ConfigurationSpace.named("s")
                .choice("model", "gpt-a", "gpt-b", "other")
                .integer("n", 4, 0, 12)
                .floating("x", 0.5, 0, 1, 0.25)
                .floating("y", 0.5, 0, 1)
                .activeWhen("y", "model.startsWith('gpt-') && n <= 8")
                .require("n % 4 == 0", "multiples of four")
                .require("!has(y) || y < 0.9 || x <= 0.5", "not both")
                .build());
    ConfigurationSpace back = ConfigSpaceFormat.read(written);
    assertThat(back.parameter("y").activeWhen().get(0)).contains("'gpt-a', 'gpt-b'");
    assertThat(back.parameter("x").axis().cells()).isEqualTo(5);
    assertThat(back.sample(200, new SplittableRandom(1)))
        .allMatch(c -> c.getLong("n") % 4 == 0)
        .allMatch(c -> !c.has("y") || c.getDouble("y") < 0.9 || c.getDouble("x") <= 0.5);
  }

  @Test
  void write_whatHasNoCounterpart_isRefusedByName() {
    SpaceBuilder base =
        ConfigurationSpace.named("s").floating("x", 0.1, 0, 1).floating("y", 0.1, 0, 1);

    assertRefused(base.require("x + y <= 1.0", "sum"), "x + y <= 1.0");
    assertRefused(
        ConfigurationSpace.named("s").bool("b", true).require("mine", c -> true, "mine"),
        "Java predicates");
    assertRefused(ConfigurationSpace.named("s").string("prompt", "hi"), "prompt");
    assertRefused(
        ConfigurationSpace.named("s")
            .floating("steps", 0.5, 0, 1, 0.1)
            .prior("steps", new Prior.Beta(2, 2)),
        "prior on steps");
    assertRefused(
        ConfigurationSpace.named("s")
            .floating("a", 0.5, 0.1, 1, Scale.LOG)
            .floating("b", 0.5, 0, 1)
            .floating("c", 0.5, 0, 1)
            .bool("on", true)
            .activeWhen("b", "on")
            .activeWhen("c", "!on")
            .require("b <= 0.9 && c <= 0.9", "both"),
        "may be inactive");
  }

  private static void assertRefused(SpaceBuilder builder, String construct) {
    ConfigurationSpace space = builder.build();
    assertThatThrownBy(() -> ConfigSpaceFormat.write(space))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no counterpart")
        .hasMessageContaining(construct);
  }

  @Test
  void read_whatHasNoCounterpart_isRefusedByName() {
    assertUnread("{\"type\": \"gamma_float\", \"name\": \"g\"}", "gamma_float");
    assertUnread(
        "{\"type\": \"categorical\", \"name\": \"g\", \"choices\": [1, \"a\"], \"default_value\": 1}",
        "mixture");
    assertUnread(
        "{\"type\": \"uniform_int\", \"name\": \"g\", \"lower\": 1, \"upper\": 5,"
            + " \"default_value\": 1, \"q\": 2}",
        "quantisation");
    assertUnread(
        "{\"type\": \"ordinal\", \"name\": \"g\", \"sequence\": [0.1, 0.2, 5.0],"
            + " \"default_value\": 0.1}",
        "not evenly spaced");
    assertThatThrownBy(
            () ->
                ConfigSpaceFormat.read(
                    "{\"name\": \"s\", \"hyperparameters\": [{\"type\": \"constant\","
                        + " \"name\": \"a:b\", \"value\": 1}]}"))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("a:b");
    assertThatThrownBy(() -> ConfigSpaceFormat.read("{\"format_version\": 0.2}"))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("0.4");
  }

  private static void assertUnread(String hyperparameter, String construct) {
    assertThatThrownBy(
            () ->
                ConfigSpaceFormat.read(
                    "{\"name\": \"s\", \"hyperparameters\": [" + hyperparameter + "]}"))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining(construct);
  }
}
