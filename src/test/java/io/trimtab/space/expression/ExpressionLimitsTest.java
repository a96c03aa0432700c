package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources at and beyond the bounds end in an answer or in an {@link ExpressionException}, soon. */
final class ExpressionLimitsTest {

  private static final List<Declaration> VARIABLES =
      List.of(
          Declaration.discrete("a", ExpressionType.BOOL),
          Declaration.discrete("i", ExpressionType.INT),
          Declaration.discrete("s", ExpressionType.STRING));

  private static final Object[] SLOTS = {true, 1L, "x"};

  @Test
  void compile_sourceOf4096CodePoints_isTheLongest() {
    String padding = "\ud83d\ude00".repeat(Expression.MAX_SOURCE_LENGTH - "s != ''".length());
    String longest = "s != '" + padding + "'";

    assertThat(Expression.compile(longest, VARIABLES).evaluate(SLOTS)).isTrue();
    assertThatThrownBy(() -> Expression.compile(longest + " ", VARIABLES))
        .hasMessageStartingWith("expected at most 4096 characters, got 4097");
  }

  @Test
  void compile_nestingOf32Levels_isTheDeepest() {
    String deepest = "(".repeat(31) + "a" + ")".repeat(31);

    assertThat(Expression.compile(deepest, VARIABLES).evaluate(SLOTS)).isTrue();
    assertThatThrownBy(() -> Expression.compile("(" + deepest + ")", VARIABLES))
        .hasMessageStartingWith("expected at most 32 levels of nesting");
  }

  @Test
  void compile_2000Nodes_isTheLargest() {
    // 1 for "||", 222 times 9, and 1 more
    String largest = "i+1+1+1==i||".repeat(222) + "a";

    assertThat(Expression.compile(largest, VARIABLES).evaluate(SLOTS)).isTrue();
    assertThatThrownBy(() -> Expression.compile(largest + "||a", VARIABLES))
        .hasMessageStartingWith("expected at most 2000 values and operators; split the rule");
  }

  @Test
  void compile_256OperatorsOneUponAnother_isTheHighest() {
    // the literal is one level, each "+" one more, "==" the last
    String highest = "1" + "+0".repeat(254) + "==i";

    assertThat(Expression.compile(highest, VARIABLES).evaluate(SLOTS)).isTrue();
    assertThatThrownBy(() -> Expression.compile("0+" + highest, VARIABLES))
        .hasMessageStartingWith("expected at most 256 operators one upon another");
  }

  static List<String> hostileSources() {
    int many = 100_000;
    return List.of(
        "(".repeat(many),
        "(".repeat(many) + "a" + ")".repeat(many),
        "!".repeat(many) + "a",
        "-".repeat(many) + "1 < 2",
        "a?".repeat(many),
        "a?a:".repeat(many) + "a",
        "min(".repeat(many),
        "[".repeat(many),
        "i in [".repeat(many),
        "i.size().".repeat(many),
        "a.".repeat(many),
        "1".repeat(many) + " < 2",
        "0x" + "f".repeat(many) + " < 2",
        "0." + "1".repeat(many) + " < 2.0",
        "1e" + "9".repeat(many) + " < 2.0",
        "`" + "x".repeat(many) + "`",
        "'" + "\\".repeat(many),
        "'\\u".repeat(many),
        "/".repeat(many),
        "//".repeat(many),
        "a||".repeat(many) + "a",
        "x".repeat(many),
        "\ud83d".repeat(many),
        "\n".repeat(many) + "x",
        "\u0000".repeat(many));
  }

  @Test
  void compile_hostileSources_areRefusedSoonAtAnyLength() {
    for (String hostile : hostileSources()) {
      for (int length : new int[] {40, 400, 4_000, 4_096, hostile.length()}) {
        String source = hostile.substring(0, Math.min(length, hostile.length()));
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(5), () -> compiledOrRefused(source));
      }
    }
  }

  private static void compiledOrRefused(String source) {
    ExpressionException refused =
        catchThrowableOfType(
            ExpressionException.class, () -> Expression.compile(source, VARIABLES));
    if (refused != null) {
      assertThat(refused.getMessage()).hasSizeLessThan(600);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "-", "!!", "--"})
  void compile_longRunOfAnUnaryOperator_countsAsOneLevel(String run) {
    String source = run.startsWith("!") ? run.repeat(1_000) + "a" : run.repeat(1_000) + "i == 1";

    assertThat(Expression.compile(source, VARIABLES).evaluate(SLOTS)).isTrue();
  }

  /** A chain of one operator is deep to the left; it must fit the stack of a small thread. */
  @Test
  void evaluate_deepestChain_fitsASmallStack() throws Exception {
    String chain = "i" + "+0".repeat(254) + "<2";
    String equalities = "a" + "==a".repeat(255);
    String alternatives = "a" + "||a".repeat(1_000);
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Runnable work =
        () -> {
          try {
            answer.complete(allHold(chain, equalities, alternatives));
          } catch (Throwable e) {
            answer.completeExceptionally(e);
          }
        };

    new Thread(null, work, "small stack", 512 * 1024).start();

    assertThat(answer.get(30, TimeUnit.SECONDS)).isTrue();
  }

  private static boolean allHold(String... sources) {
    boolean all = true;
    for (String source : sources) {
      Expression expression = Expression.compile(source, VARIABLES);
      all &= expression.evaluate(SLOTS);
      all &= expression.evaluatePartial(SLOTS) == Outcome.TRUE;
      all &= !expression.toTree().isEmpty();
      all &= expression.equals(Expression.compile(source, VARIABLES));
    }
    return all;
  }

  /**
   * Each level fails and is absorbed: were an operand evaluated twice, this would take 2^30 steps.
   */
  @Test
  void evaluate_errorsAbsorbedAtEveryLevel_staysLinear() {
    String nested = "1 / (i - 1) == 0";
    for (int level = 0; level < 30; level++) {
      String operator = level % 2 == 0 ? "&&" : "||";
      nested = "(" + nested + ") " + operator + " 1 % (i - 1) == 0";
    }
    Expression expression = Expression.compile(nested, VARIABLES);

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> expression.evaluate(SLOTS))
                .isInstanceOf(EvaluationException.class));
    assertThat(expression.evaluatePartial(SLOTS)).isEqualTo(Outcome.ERROR);
  }

  @Test
  void evaluate_nestedFunctions_evaluateTheirArgumentOnce() {
    String nested = "abs(".repeat(30) + "i" + ")".repeat(30) + " == 1";

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertThat(Expression.compile(nested, VARIABLES).evaluate(SLOTS)).isTrue());
  }

  @Test
  void compile_manyOptions_isFound() {
    String options =
        IntStream.range(0, 900).mapToObj(Integer::toString).collect(Collectors.joining(","));
    Expression expression = Expression.compile("i in [" + options + "]", VARIABLES);

    assertThat(expression.evaluate(new Object[] {true, 899L, "x"})).isTrue();
    assertThat(expression.evaluate(new Object[] {true, 900L, "x"})).isFalse();
  }
}
