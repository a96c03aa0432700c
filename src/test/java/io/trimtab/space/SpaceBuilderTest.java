package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.variable.Embedding;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.Variable;
import io.trimtab.variable.Violation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SpaceBuilderTest {

  private static List<Violation> faultsOf(SpaceBuilder builder) {
    return catchThrowableOfType(InvalidDefinitionException.class, builder::build).violations();
  }

  private static String faultOf(SpaceBuilder builder) {
    List<Violation> faults = faultsOf(builder);
    assertThat(faults).hasSize(1);
    return faults.get(0).toString();
  }

  private static SpaceBuilder space() {
    return ConfigurationSpace.named("s").floating("x", 0.5, 0, 1).integer("n", 3, 0, 10);
  }

  @Test
  void build_manyFaults_reportsThemAllAtOnce() {
    List<Violation> faults =
        faultsOf(
            ConfigurationSpace.named("9 lives")
                .floating("x", 0.5, 1, 0)
                .integer("n", 77, 0, 10)
                .integer("n", 1, 0, 10)
                .choice("c")
                .choice("d", "a", "a")
                .bool("bad name", true)
                .require("x < m", "unknown")
                .require("n <", "cut off")
                .require("n > 100", "")
                .activeWhen("nobody", "n > 1"));

    assertThat(faults)
        .extracting(Violation::subject)
        .contains("space name", "x min", "n default", "n", "c options", "d options")
        .contains("bad name name", "require", "rule n > 100", "condition of nobody");
    assertThat(faults.toString())
        .contains("m")
        .contains("line 1, column")
        .contains("at least one option");
  }

  @Test
  void build_unsoundDomainAndBadName_areBothReported() {
    assertThat(faultsOf(ConfigurationSpace.named("s").choice("a b", "x", "x")))
        .extracting(Violation::subject)
        .containsExactlyInAnyOrder("a b name", "a b options");
  }

  @Test
  void build_ruleComparesWithAnUnknownOption_isRefused() {
    SpaceBuilder choices =
        ConfigurationSpace.named("s")
            .choice("model", "gpt-large", "claude")
            .module("strategy", "Predict", "ReAct")
            .bool("fast", true);

    List<Violation> faults =
        faultsOf(
            choices
                .require("!(fast && model == 'gpt-lagre')", "misspelt")
                .forbid("'Claude' != model", "other case")
                .require("strategy in ['Predict', 'Act'] || fast", "no such module")
                .activeWhen("fast", "strategy == 'COT'"));

    assertThat(faults)
        .extracting(Violation::toString)
        .containsExactlyInAnyOrder(
            "require: expected model beside one of its options [gpt-large, claude], such as"
                + " 'gpt-large', got \"gpt-lagre\"",
            "forbid: expected model beside one of its options [gpt-large, claude], such as"
                + " 'claude', got \"Claude\"",
            "require: expected strategy beside one of its options [Predict, ReAct], got \"Act\"",
            "condition of fast: expected strategy beside one of its options [Predict, ReAct], got"
                + " \"COT\"");
  }

  @Test
  void build_ruleComparesTextsOtherwise_isAccepted() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .choice("model", "gpt-large", "claude")
            .variable(Variable.of("any", ModuleDomain.of(), "Predict"))
            .require("model.startsWith('gpt') || model > 'a'", "order and parts are free")
            .require("any != 'Whatever'", "any module has any name")
            .build();

    assertThat(space.rules()).hasSize(2);
  }

  @Test
  void build_withoutParameters_isRefused() {
    assertThat(faultOf(ConfigurationSpace.named("s"))).contains("at least one parameter");
  }

  @Test
  void build_unknownNameInRule_suggestsTheNearest() {
    assertThat(
            faultOf(
                ConfigurationSpace.named("s")
                    .floating("temperature", 0, 0, 1)
                    .require("temprature < 0.5", "cool")))
        .contains("temperature");
  }

  @Test
  void build_conditionsInACircle_showsTheCircle() {
    SpaceBuilder circle =
        ConfigurationSpace.named("s")
            .bool("a", true)
            .bool("b", true)
            .bool("c", true)
            .activeWhen("a", "b")
            .activeWhen("b", "c")
            .activeWhen("c", "a");

    assertThat(faultOf(circle)).contains("a -> b -> c -> a");
    assertThat(faultOf(ConfigurationSpace.named("s").bool("a", true).activeWhen("a", "!a")))
        .contains("a -> a");
  }

  @Test
  void build_defaultsBreakARule_quotesRuleAndValues() {
    assertThat(faultOf(space().require("n > 5", "n is large")))
        .isEqualTo("default of n: expected \"n is large\" (require n > 5), got n = 3");
    assertThat(faultOf(space().forbid(Map.of("n", 3), "not three"))).contains("not three");
    assertThat(faultOf(space().require("odd", c -> c.getLong("n") % 2 == 0, "n is even")))
        .contains("n is even");
  }

  @Test
  void build_defaultsBreakOneRuleAndAnotherDoesNotCompile_reportsBoth() {
    assertThat(faultsOf(space().require("n > 5", "n is large").require("n >", "cut off")))
        .hasSize(2);
  }

  @Test
  void build_continuousEquality_isRefusedWithAHint() {
    assertThat(faultOf(space().require("x == 0.5", "half"))).contains("x");
    assertThat(faultOf(space().forbid(Map.of("x", 0.5), "half"))).contains("a range");
  }

  @Test
  void build_equalityOnAGrid_isAccepted() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("x", 0.5, 0, 1, 0.1)
            .forbid(Map.of("x", 0.3), "not 0.3")
            .require("x != 0.7", "not 0.7")
            .build();

    assertThat(space.configurations().map(c -> c.getDouble("x")).toList())
        .containsExactly(0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 1.0);
  }

  @Test
  void build_forbiddenCombinationWithForeignParts_isRefused() {
    assertThat(faultsOf(space().forbid(Map.of("m", 1, "n", 99), "no")))
        .extracting(Violation::subject)
        .containsExactlyInAnyOrder("forbid", "forbid n");
    assertThat(faultOf(space().forbid(Map.of(), "no"))).contains("at least one value");
  }

  @Test
  void build_ruleReadsAVector_isRefusedButMayAskForIt() {
    SpaceBuilder vector =
        space()
            .variable(Variable.of("v", new EmbeddingDomain(1, false), Embedding.of(1f)))
            .activeWhen("v", "n > 2")
            .require("has(v) || n <= 2", "vector when large");

    assertThat(vector.build().defaults().has("v")).isTrue();
    assertThat(faultOf(vector.require("v == 'x'", "no"))).contains("nothing but has(...)");
  }

  @Test
  void build_prefixThatMakesNamesClash_isRefused() {
    assertThat(faultOf(ConfigurationSpace.named("s").bool("a.b", true).bool("b", true).prefix("a")))
        .contains("differs from every other's name");
    assertThat(faultOf(ConfigurationSpace.named("s").bool("b", true).prefix("a b")))
        .contains("prefix");
    assertThat(faultOf(ConfigurationSpace.named("s").bool("b".repeat(128), true).prefix("a")))
        .contains("1 to 128");
  }

  @Test
  void build_stepTooFineForItsDoubles_isRefused() {
    SpaceBuilder fine =
        ConfigurationSpace.named("s")
            .variable(
                Variable.of("x", new FloatDomain(1e12, 1e12 + 1, 1e-4, Scale.LINEAR, false), 1e12));

    assertThat(faultOf(fine)).contains("resolve");
  }

  @Test
  void build_tooManyRules_isRefusedBeforeAnyIsCompiled() {
    SpaceBuilder many = space();
    for (int i = 0; i <= ConfigurationSpace.MAX_RULES; i++) {
      many.require("not an expression", "never looked at");
    }

    assertThat(faultOf(many)).contains("at most 1000 parameters, 10000 rules");
  }

  @Test
  void build_constantThatIsNoValue_isRefused() {
    assertThat(faultsOf(space().constant("k", List.of()).constant("nan", Double.NaN))).hasSize(2);
  }

  @Test
  void build_rulesExcludeEachOther_provesItWithAMinimalSet() {
    SpaceBuilder contradiction =
        ConfigurationSpace.named("s")
            .floating("x", 0.5, 0, 1)
            .integer("a", 1, 0, 40)
            .integer("b", 1, 0, 40)
            .integer("c", 1, 0, 40)
            .require("x < 0.9", "innocent")
            .require("a < b", "a before b")
            .require("b < c", "b before c")
            .require("a + b + c >= 0", "innocent, too")
            .require("c < a", "c before a");

    InfeasibleSpaceException e =
        catchThrowableOfType(InfeasibleSpaceException.class, contradiction::build);

    assertThat(e.rules()).extracting(Rule::text).containsExactly("a < b", "b < c", "c < a");
    assertThat(e.space()).isEqualTo("s");
    assertThat(e).hasMessageContaining("b before c");
  }

  @Test
  void build_contradictionBesideContinua_isProved() {
    SpaceBuilder contradiction =
        ConfigurationSpace.named("s")
            .floating("x", 0.5, 0, 1)
            .bool("on", true)
            .floating("y", 0.5, 0, 1)
            .activeWhen("y", "on")
            .require("x + y < 2.0 && !on", "off")
            .require("on || has(y)", "on");

    assertThatThrownBy(contradiction::build).isInstanceOf(InfeasibleSpaceException.class);
  }

  @Test
  void build_onlyTheDefaultsAreWrong_isNotCalledInfeasible() {
    assertThatThrownBy(() -> space().require("n > 5 && x > 0.9", "far").build())
        .isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void toBuilder_anythingDefined_isKept() {
    ConfigurationSpace space = ConfigurationSpaceTest.REACT_AGENT;

    assertThat(space.toBuilder().build()).isEqualTo(space);
    assertThat(space.toBuilder().bool("more", true).build()).isNotEqualTo(space);
    assertThat(space.toBuilder().description("other").build()).isNotEqualTo(space);
  }

  @Test
  void toBuilder_localRule_isKept() {
    ConfigurationSpace space = space().require("even", c -> c.getLong("n") != 4, "not 4").build();

    assertThat(space.toBuilder().build()).isEqualTo(space);
    assertThat(space.toBuilder().build().check(Map.of("x", 0, "n", 4))).hasSize(1);
  }
}
