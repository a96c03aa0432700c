package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.variable.Embedding;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ConfigurationSpaceTest {

  // tag::definition[]
  static final ConfigurationSpace REACT_AGENT =
      ConfigurationSpace.named("react_agent_config")
          .floating("temperature", 0.7, 0.0, 1.5)
          .integer("max_tokens", 1024, 64, 8192, Scale.LOG)
          .choice("model", "gpt-4-turbo", "claude-3-opus", "gemini-1.5-pro") // first is the default
          .module("strategy", "ChainOfThought", "Predict", "ReAct")
          .integer("max_iters", 5, 3, 10)
          .activeWhen("max_iters", "strategy == 'ReAct'")
          .require(
              "max_tokens <= 4096 || model != 'gpt-4-turbo'",
              "gpt-4-turbo answers at most 4096 tokens")
          .forbid(Map.of("model", "gemini-1.5-pro", "strategy", "ReAct"), "not tried together")
          .build();

  // end::definition[]

  @Test
  void defaults_everyActiveParameter_hasItsDefault() {
    Configuration defaults = REACT_AGENT.defaults();

    assertThat(defaults.toMap())
        .isEqualTo(
            Map.of(
                "temperature",
                0.7,
                "max_tokens",
                1024L,
                "model",
                "gpt-4-turbo",
                "strategy",
                "ChainOfThought"));
    assertThat(defaults.has("max_iters")).isFalse();
    assertThatThrownBy(() -> defaults.getLong("max_iters"))
        .isInstanceOf(VariableNotFoundException.class);
  }

  @Test
  void validate_valuesOfLesserTypes_areCast() {
    Configuration valid =
        REACT_AGENT.validate(
            Map.of(
                "temperature",
                1,
                "max_tokens",
                100.0,
                "model",
                "claude-3-opus",
                "strategy",
                "ReAct",
                "max_iters",
                (short) 7));

    assertThat(valid.lookup("temperature")).isEqualTo(1.0);
    assertThat(valid.lookup("max_tokens")).isEqualTo(100L);
    assertThat(valid.getInt("max_iters")).isEqualTo(7);
  }

  @Test
  void validate_manyFaults_namesThemAll() {
    InvalidConfigurationException e =
        catchThrowableOfType(
            InvalidConfigurationException.class,
            () ->
                REACT_AGENT.validate(
                    Map.of(
                        "temperature",
                        3.5,
                        "max_tokens",
                        8000,
                        "modell",
                        "claude-3-opus",
                        "model",
                        "gpt-4-turbo",
                        "max_iters",
                        5,
                        "strategy",
                        "Predict")));

    assertThat(e.violations())
        .extracting(Violation::subject)
        .containsExactlyInAnyOrder("modell", "temperature", "max_iters", "max_tokens, model");
    assertThat(e)
        .hasMessageContaining("temperature: expected a finite number in [0.0, 1.5], got 3.5")
        .hasMessageContaining("such as model")
        .hasMessageContaining("active only when strategy == 'ReAct'")
        .hasMessageContaining("gpt-4-turbo answers at most 4096 tokens")
        .hasMessageContaining("max_tokens = 8000, model = gpt-4-turbo");
    assertThat(e.brokenRules()).containsExactly(REACT_AGENT.rules().get(0));
    assertThat(e.space()).isEqualTo("react_agent_config");
  }

  @Test
  void check_missingParent_saysNothingAboutItsChild() {
    List<Violation> violations =
        REACT_AGENT.check(
            Map.of(
                "temperature", 0.1, "max_tokens", 100, "model", "claude-3-opus", "max_iters", 4));

    assertThat(violations).extracting(Violation::subject).containsExactly("strategy");
  }

  @Test
  void check_newlyActiveChildWithoutValue_isMissing() {
    List<Violation> violations =
        REACT_AGENT.check(
            Map.of(
                "temperature",
                0.1,
                "max_tokens",
                100,
                "model",
                "claude-3-opus",
                "strategy",
                "ReAct"));

    assertThat(violations).containsExactly(Violation.missing("max_iters", "an integer in [3, 10]"));
  }

  @Test
  void check_nullValue_isRefused() {
    HashMap<String, Object> values = new HashMap<>(REACT_AGENT.defaults().toMap());
    values.put("model", null);

    assertThat(REACT_AGENT.check(values)).extracting(Violation::subject).containsExactly("model");
  }

  @Test
  void merge_partialChange_keepsTheRest() {
    Configuration changed = REACT_AGENT.defaults().with(Map.of("temperature", 0.2));

    assertThat(changed.getDouble("temperature")).isEqualTo(0.2);
    assertThat(changed.getLong("max_tokens")).isEqualTo(1024);
    assertThat(REACT_AGENT.defaults().getDouble("temperature")).isEqualTo(0.7);
  }

  @Test
  void merge_parentActivatesChild_childTakesItsDefaultUnlessGiven() {
    Configuration defaulted = REACT_AGENT.defaults().with("strategy", "ReAct");
    Configuration given = REACT_AGENT.defaults().with(Map.of("strategy", "ReAct", "max_iters", 9));

    assertThat(defaulted.getLong("max_iters")).isEqualTo(5);
    assertThat(given.getLong("max_iters")).isEqualTo(9);
    assertThat(given.with("strategy", "Predict").has("max_iters")).isFalse();
  }

  @Test
  void merge_changeBreaksRuleWithUntouchedValue_isRefused() {
    Configuration many =
        REACT_AGENT.defaults().with(Map.of("model", "claude-3-opus", "max_tokens", 8000));

    assertThatThrownBy(() -> many.with("model", "gpt-4-turbo"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("at most 4096 tokens");
  }

  @Test
  void merge_unknownOrInactiveKey_isRefused() {
    assertThatThrownBy(() -> REACT_AGENT.defaults().with("top_p", 0.5))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("top_p: expected a parameter of space");
    assertThatThrownBy(() -> REACT_AGENT.defaults().with("max_iters", 5))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("max_iters: expected no value");
  }

  @Test
  void mergeStored_valueOfInactiveMember_countsForNothing() {
    Map<String, Object> stored = new HashMap<>(REACT_AGENT.defaults().toMap());
    stored.put("max_iters", 9L);

    assertThat(REACT_AGENT.current(stored)).isEqualTo(REACT_AGENT.defaults());
    assertThat(REACT_AGENT.mergeStored(stored, Map.of("strategy", "ReAct")).getLong("max_iters"))
        .isEqualTo(5);
  }

  @Test
  void mergeStored_storedValuesInvalid_canBeMended() {
    Map<String, Object> stored = new HashMap<>(REACT_AGENT.defaults().toMap());
    stored.put("max_tokens", 8000L);
    stored.put("temperature", 77.0);

    assertThatThrownBy(() -> REACT_AGENT.current(stored))
        .isInstanceOf(InvalidConfigurationException.class);
    assertThat(
            REACT_AGENT
                .mergeStored(stored, Map.of("temperature", 0.5, "max_tokens", 400))
                .getLong("max_tokens"))
        .isEqualTo(400);
  }

  @Test
  void current_storedValueMissingOrInvalid_isRefused() {
    Map<String, Object> missing = new HashMap<>(REACT_AGENT.defaults().toMap());
    missing.remove("model");
    Map<String, Object> invalid = new HashMap<>(REACT_AGENT.defaults().toMap());
    invalid.put("temperature", 77.0);

    assertThatThrownBy(() -> REACT_AGENT.current(invalid))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("temperature: expected a finite number in [0.0, 1.5], got 77.0");
    assertThatThrownBy(() -> REACT_AGENT.current(missing))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("model: expected one of");
    assertThat(REACT_AGENT.mergeStored(missing, Map.of("model", "claude-3-opus")).toMap())
        .containsEntry("model", "claude-3-opus");
  }

  @Test
  void check_activityDependsOnMissingGrandparent_isNotGuessed() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .bool("on", true)
            .bool("n", true)
            .activeWhen("n", "on")
            .bool("x", true)
            .integer("child", 1, 0, 5)
            .activeWhen("child", "n || x")
            .build();

    // If "on" were false, "n" would be inactive and "child" with it, although x alone decides "n ||
    // x".
    assertThat(space.check(Map.of("x", true))).extracting(Violation::subject).containsExactly("on");
  }

  @Test
  void prefix_twoNames_findOneParameter() {
    ConfigurationSpace space = REACT_AGENT.toBuilder().prefix("agent").build();

    Configuration configuration = space.validate(space.defaults().toMemberMap());

    assertThat(configuration).isEqualTo(space.defaults());
    assertThat(configuration.getDouble("agent.temperature")).isEqualTo(0.7);
    assertThat(configuration.getDouble("temperature")).isEqualTo(0.7);
    assertThat(space.members()).extracting(Variable::name).contains("agent.max_iters");
    assertThat(space.check(Map.of("temperature", 0.1, "agent.temperature", 0.2)))
        .anyMatch(violation -> violation.expected().startsWith("given once"));
  }

  @Test
  void constant_leftOutOrRepeated_isTheConstant() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .constant("limit", 4096)
            .constant("ratio", 0.5)
            .constant("safe", true)
            .constant("unit", "token")
            .integer("n", 1, 1, 10_000)
            .require("n <= limit", "n must not exceed the limit")
            .build();

    Configuration configuration = space.validate(Map.of("n", 5, "limit", 4096));

    assertThat(configuration.toMap())
        .isEqualTo(Map.of("limit", 4096L, "ratio", 0.5, "safe", true, "unit", "token", "n", 5L));
    assertThat(space.check(Map.of("n", 5, "limit", 5000, "safe", false)))
        .extracting(Violation::subject)
        .containsExactlyInAnyOrder("limit", "safe");
    assertThat(space.sample(new SplittableRandom(1)).getBoolean("safe")).isTrue();
  }

  @Test
  void sample_freeTextVectorsAndOpenNumbers_keepTheirDefaults() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .string("prompt", "Answer briefly.")
            .variable(Variable.of("open", FloatDomain.any(), 3.25))
            .variable(Variable.of("vector", new EmbeddingDomain(2, false), Embedding.of(1f, 2f)))
            .bool("flag", false)
            .build();

    Configuration drawn = space.sample(new SplittableRandom(3));

    assertThat(drawn.getString("prompt")).isEqualTo("Answer briefly.");
    assertThat(drawn.getDouble("open")).isEqualTo(3.25);
    assertThat(drawn.lookup("vector")).isEqualTo(Embedding.of(1f, 2f));
    assertThat(space.dimensions()).extracting(Parameter::name).containsExactly("flag");
    assertThat(space.size()).hasValue(BigInteger.TWO);
  }

  @Test
  void rule_mentionsInactiveParameter_holdsUnlessItAsks() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .bool("on", true)
            .integer("n", 9, 0, 10)
            .activeWhen("n", "on")
            .require("n > 5", "n is large")
            .require("has(n) || on", "on, or with n")
            .forbid("!has(n) && !on", "not off")
            .build();

    List<Violation> off = space.check(Map.of("on", false));

    assertThat(off)
        .extracting(Violation::expected)
        .hasSize(2)
        .noneMatch(e -> e.contains("n is large"));
    assertThat(space.check(Map.of("on", true, "n", 3))).hasSize(1);
  }

  @Test
  void rule_withoutValue_isBroken() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .integer("a", 8, 0, 10)
            .integer("b", 2, 0, 10)
            .require("a / b < 5", "at most four times")
            .forbid("a % b == 1", "no remainder of one")
            .build();

    assertThat(space.check(Map.of("a", 1, "b", 0))).hasSize(2);
  }

  @Test
  void conditions_nested_inactiveParentClosesGrandchild() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .integer("leaf", 1, 0, 5)
            .activeWhen("leaf", "branch == 'yes' && root")
            .choice("branch", "yes", "no")
            .activeWhen("branch", "root")
            .bool("root", true)
            .build();

    assertThat(space.defaults().has("leaf")).isTrue();
    assertThat(space.defaults().with("branch", "no").toMap())
        .isEqualTo(Map.of("branch", "no", "root", true));
    assertThat(space.defaults().with("root", false).toMap()).isEqualTo(Map.of("root", false));
  }

  @Test
  void require_javaPredicate_judgesButDoesNotTravel() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .integer("n", 4, 0, 100)
            .require("even", c -> c.getLong("n") % 2 == 0, "n is even")
            .build();

    assertThat(space.check(Map.of("n", 7)))
        .containsExactly(new Violation("even", "\"n is even\" (local predicate even)", "n = 7"));
    assertThat(space.sample(200, new SplittableRandom(5)))
        .allMatch(configuration -> configuration.getLong("n") % 2 == 0);
    assertThatThrownBy(space::toJson)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[even]");
    assertThat(space.localRules()).hasSize(1);
    assertThat(space.digest()).hasSize(64);
  }

  @Test
  void require_javaPredicateReadsInactiveParameter_holds() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .bool("on", false)
            .integer("n", 1, 0, 10)
            .activeWhen("n", "on")
            .require("small", c -> c.getLong("n") < 5, "n is small")
            .build();

    assertThat(space.check(Map.of("on", false))).isEmpty();
    assertThat(space.check(Map.of("on", true, "n", 7))).hasSize(1);
    assertThatThrownBy(
            () -> space.toBuilder().require("typo", c -> c.getLong("nn") < 5, "never").build())
        .isInstanceOf(VariableNotFoundException.class);
  }

  @Test
  void configurations_finiteSpace_listsEveryValidOneOnce() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .bool("on", true)
            .integer("n", 1, 0, 3)
            .activeWhen("n", "on")
            .choice("c", "x", "y")
            .forbid("n == 2 && c == 'x'", "no")
            .build();

    Stream<Configuration> all = space.configurations();

    assertThat(all.toList()).hasSize(9).doesNotHaveDuplicates();
    assertThat(space.size()).hasValue(BigInteger.valueOf(16));
  }

  @Test
  void configurations_childInactiveInALaterBranch_isNotRefutedByTheEarlierOne() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .integer("gate", 0, 0, 1)
            .bool("x", true)
            .integer("n", 0, 0, 1)
            .activeWhen("n", "gate == 0")
            .require("x && n >= 0", "with n, only with x")
            .build();

    assertThat(space.configurations().map(Configuration::toMap))
        .containsExactly(
            Map.of("gate", 0L, "x", true, "n", 0L),
            Map.of("gate", 0L, "x", true, "n", 1L),
            Map.of("gate", 1L, "x", false),
            Map.of("gate", 1L, "x", true));
  }

  @Test
  void configurations_continuousParameter_isRefused() {
    assertThatThrownBy(REACT_AGENT::configurations)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[temperature]");
    assertThat(REACT_AGENT.size()).isEmpty();
  }

  @Test
  void cube_encodedConfiguration_decodesToItself() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 200; i++) {
      Configuration drawn = REACT_AGENT.sample(random);

      double[] cube = REACT_AGENT.encode(drawn);
      Configuration back = REACT_AGENT.decode(cube).orElseThrow();

      assertThat(back.with("temperature", drawn.get("temperature"))).isEqualTo(drawn);
      assertThat(back.getDouble("temperature"))
          .isCloseTo(drawn.getDouble("temperature"), within(1e-12));
      assertThat(Double.isNaN(cube[4])).isEqualTo(!drawn.has("max_iters"));
    }
  }

  @Test
  void decode_pointThatBreaksARule_isEmpty() {
    double[] cube = REACT_AGENT.encode(REACT_AGENT.defaults());
    cube[1] = 0.999; // max_tokens near 8192 under gpt-4-turbo

    assertThat(REACT_AGENT.decode(cube)).isEmpty();
    assertThatThrownBy(() -> REACT_AGENT.decode(new double[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void configuration_equalValues_areEqualAcrossEqualSpaces() {
    ConfigurationSpace copy = REACT_AGENT.toBuilder().build();

    assertThat(copy).isEqualTo(REACT_AGENT).hasSameHashCodeAs(REACT_AGENT);
    assertThat(copy.defaults()).isEqualTo(REACT_AGENT.defaults());
    assertThat(copy.defaults()).hasSameHashCodeAs(REACT_AGENT.defaults());
    assertThat(copy.defaults().with("temperature", 0.1)).isNotEqualTo(REACT_AGENT.defaults());
    assertThat(
            copy.merge(REACT_AGENT.defaults(), Map.of("temperature", 0.1)).getDouble("temperature"))
        .isEqualTo(0.1);
  }

  @Test
  void toString_longText_isCut() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s").string("prompt", "secret ".repeat(100)).build();

    assertThat(space.defaults().toString()).hasSizeLessThan(100).startsWith("s{prompt=secret");
  }
}
