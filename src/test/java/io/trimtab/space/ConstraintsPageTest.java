package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.space.expression.Declaration;
import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.ExpressionType;
import io.trimtab.space.expression.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/constraints.md} says is so: its code compiles, its rules mean what it says. */
final class ConstraintsPageTest {

  private static final Path PAGE = Path.of("docs", "constraints.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "trimtab", "space", "ConstraintsPageTest.java");

  private static ConfigurationSpace writer() {
    // tag::space[]
    ConfigurationSpace space =
        ConfigurationSpace.named("writer")
            .floating("temperature", 0.7, 0.0, 1.5)
            .floating("top-p", 1.0, 0.0, 1.0)
            .integer("max_tokens", 1024, 64, 8192)
            .choice("model", "gpt-4-turbo", "claude-3-opus", "gemini-1.5-pro")
            .choice("strategy", "Predict", "ReAct")
            .integer("max_iters", 5, 3, 10)
            .activeWhen("max_iters", "strategy == 'ReAct'")
            .require(
                "max_tokens <= 4096 || model != 'gpt-4-turbo'",
                "gpt-4-turbo answers at most 4096 tokens")
            .require("max_iters * max_tokens <= 20000", "an agent's run must stay affordable")
            .require("temperature <= 1.0 || `top-p` <= 0.9", "turn one knob, not both")
            .build();
    // end::space[]
    return space;
  }

  @Test
  void javaBlocks_onThePage_standInThisTest() throws IOException {
    String code = withoutIndentation(Files.readString(THIS));

    assertThat(blocks("java"))
        .hasSize(2)
        .allSatisfy(block -> assertThat(code).contains(withoutIndentation(block)));
  }

  @Test
  void celBlocks_onThePage_areRulesOfItsSpace() throws IOException {
    List<String> rules =
        blocks("cel").stream().flatMap(String::lines).filter(line -> !line.isBlank()).toList();

    assertThat(rules).hasSizeGreaterThan(10);
    for (String rule : rules) {
      ConfigurationSpace ruled = writer().toBuilder().require(rule, "a rule of the page").build();
      assertThat(ruled.rules()).hasSize(4);
    }
  }

  @Test
  void faultyRule_onThePage_isReportedAsItSays() throws IOException {
    String report = blocks("text").get(0).strip();

    assertThatThrownBy(
            () ->
                writer().toBuilder()
                    .require("model == 'gpt-4-turbo' && max_token > 4096", "as on the page")
                    .build())
        .hasMessageContaining(report);
  }

  @Test
  void ruleOnAnInactiveVariable_holds() {
    Map<String, Object> values =
        Map.of(
            "temperature",
            0.7,
            "top-p",
            1.0,
            "max_tokens",
            8000,
            "model",
            "claude-3-opus",
            "strategy",
            "Predict");

    assertThat(writer().check(values)).isEmpty();
  }

  @Test
  void ruleOnAnActiveVariable_binds() {
    Map<String, Object> values =
        Map.of(
            "temperature",
            0.7,
            "top-p",
            1.0,
            "max_tokens",
            8000,
            "model",
            "claude-3-opus",
            "strategy",
            "ReAct",
            "max_iters",
            5);

    assertThat(writer().check(values)).hasSize(1);
  }

  /** The rows of the table of values. */
  @Test
  void values_inTheTable_areSo() {
    List<String> truths =
        List.of(
            "7 / 2 == 3 && -7 / 2 == -3 && -7 % 3 == -1",
            "1.0 / 0.0 > 1e308 && !(0.0 / 0.0 == 0.0 / 0.0) && 0.0 / 0.0 != 0.0 / 0.0",
            "!(0.0 / 0.0 < 1) && !(0.0 / 0.0 >= 1)",
            "-0.0 == 0.0",
            "9007199254740993 > 9007199254740992.0",
            "1 in [1.0, 2.5]",
            "!('a' < 'B')",
            "int(2.9) == 2 && int(-2.9) == -2",
            "min(0.0 / 0.0, 1.0) != min(0.0 / 0.0, 1.0)",
            "false < true",
            "true || 1 / 0 == 1",
            "1 / 0 == 1 || true");
    List<String> errors =
        List.of(
            "1 / 0 == 1",
            "1 % 0 == 1",
            "9223372036854775807 + 1 > 0",
            "int(1e300) > 0",
            "int(0.0 / 0.0) > 0",
            "abs(-9223372036854775808) > 0");

    assertThat(truths).allSatisfy(rule -> assertThat(outcome(rule)).isEqualTo(Outcome.TRUE));
    assertThat(errors).allSatisfy(rule -> assertThat(outcome(rule)).isEqualTo(Outcome.ERROR));
  }

  private static Outcome outcome(String rule) {
    return Expression.compile(rule, List.of()).evaluatePartial(new Object[0]);
  }

  @Test
  void expressionWithoutASpace_answersAsThePageSays() {
    // tag::expression[]
    Expression rule =
        Expression.compile(
            "max_tokens <= 4096 || model != 'gpt-4-turbo'",
            List.of(
                Declaration.discrete("max_tokens", ExpressionType.INT),
                Declaration.discrete("model", ExpressionType.STRING)));

    boolean holds = rule.evaluate(new Object[] {8192L, "gpt-4-turbo"});
    Outcome certain = rule.evaluatePartial(new Object[] {8192L, Expression.UNASSIGNED});
    // end::expression[]

    assertThat(holds).isFalse();
    assertThat(certain).isEqualTo(Outcome.UNKNOWN);
  }

  private static List<String> blocks(String language) throws IOException {
    Pattern block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL);
    return block
        .matcher(Files.readString(PAGE).replace("\r\n", "\n"))
        .results()
        .map((MatchResult result) -> result.group(1))
        .toList();
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).reduce("", (a, b) -> a + b + "\n").strip();
  }
}
