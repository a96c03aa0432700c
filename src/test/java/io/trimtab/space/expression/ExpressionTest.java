package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpressionTest {

  private static final List<Declaration> VARIABLES =
      List.of(
          Declaration.discrete("max_tokens", ExpressionType.INT),
          Declaration.discrete("reasoning_model", ExpressionType.STRING),
          Declaration.continuous("temperature"),
          Declaration.discrete("top-p", ExpressionType.DOUBLE),
          Declaration.discrete("agent.depth", ExpressionType.INT),
          Declaration.discrete("stream", ExpressionType.BOOL));

  private static final Object[] SLOTS = {4096L, "gpt-4-turbo", 0.7, 0.9, null, true};

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "max_tokens <= 4096 || reasoning_model != 'gpt-4-turbo' ; true",
        "max_tokens < 4096 || reasoning_model != 'gpt-4-turbo' ; false",
        "temperature < 1 ; true",
        "`top-p` >= 0.9 && stream ; true",
        "has(agent.depth) ; false",
        "has(agent.depth) && agent.depth > 3 ; false",
        "agent.depth > 3 || stream ; true",
        "reasoning_model in ['a', \"gpt-4-turbo\"] ; true",
        "max_tokens in [4096.0, 2.5] ; true",
        "reasoning_model.startsWith('gpt') && size(reasoning_model) == 11 ; true",
        "double(max_tokens) * temperature > 2000.0 ; true",
        "min(max_tokens, 3, 5) == 3 && max(1.0, temperature) <= 1 ; true",
        "stream ? max_tokens % 7 == 1 : 1 / 0 == 0 ; true",
        "1 - 2 - 3 == -4 && 2 + 3 * 4 == 14 && -7 % 3 == -1 ; true",
      })
  void evaluate_overTheSameConfiguration_answersAsCel(String source, boolean expected) {
    Expression expression = Expression.compile(source, VARIABLES);

    assertThat(expression.evaluate(SLOTS)).isEqualTo(expected);
    assertThat(expression.evaluatePartial(SLOTS)).isEqualTo(Outcome.of(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "agent.depth", "top-p", "for", "in", "size", "a.for", "a.in", "1st", "a b"})
  void mention_ofAnyName_compiles(String name) {
    Expression expression =
        Expression.compile(
            Expression.mention(name) + " > 1", List.of(Declaration.continuous(name)));

    assertThat(expression.evaluate(new Object[] {2.0})).isTrue();
  }

  @Test
  void requiredSlots_variableAskedFor_isNotRequired() {
    Expression expression =
        Expression.compile("has(agent.depth) ? agent.depth > max_tokens : stream", VARIABLES);

    assertThat(expression.requiredSlots()).containsExactly(0, 5);
    assertThat(expression.slots()).containsExactly(0, 4, 5);
    assertThat(expression.variables()).containsExactly("max_tokens", "agent.depth", "stream");
  }

  @Test
  void evaluate_inactiveVariableRead_isAnEvaluationErrorWithoutStackTrace() {
    Expression expression = Expression.compile("agent.depth > 3", VARIABLES);

    assertThatThrownBy(() -> expression.evaluate(SLOTS))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(EvaluationException.Reason.ABSENT_VARIABLE);
              assertThat(e.getStackTrace()).isEmpty();
            })
        .hasMessage(
            "'agent.depth' is inactive; ask has(agent.depth) first (line 1, column 1)\n"
                + "  agent.depth > 3\n"
                + "  ^");
    assertThat(expression.evaluatePartial(SLOTS)).isEqualTo(Outcome.ERROR);
  }

  @Test
  void toTree_ofARule_isPlainJson() {
    Expression expression = Expression.compile("max_tokens <= 4096 || !stream", VARIABLES);

    assertThat(expression.toTree())
        .isEqualTo(
            Map.of(
                "call",
                "||",
                "args",
                List.of(
                    Map.of(
                        "call",
                        "<=",
                        "args",
                        List.of(Map.of("var", "max_tokens"), Map.of("int", 4096L))),
                    Map.of("call", "!", "args", List.of(Map.of("var", "stream"))))));
  }
}
