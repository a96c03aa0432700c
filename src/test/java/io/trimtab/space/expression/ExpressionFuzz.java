package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.InRange;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithSize;
import com.code_intelligence.jazzer.mutation.annotation.WithUtf8Length;
import io.trimtab.Fuzzer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hostile expressions: the compiler refuses with an {@link ExpressionException} or makes something
 * that evaluates, soon either way.
 *
 * <p>Not named like a test: only {@link ExpressionJazzerTest} runs it, in a process per target.
 */
final class ExpressionFuzz {

  private static final long SLOWEST_NANOS = 5_000_000_000L;

  private static final Object[] SLOTS = new RandomExpressions(7).slots();

  private static final List<String> OPERATORS =
      List.of("&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%%");

  private static final List<String> CALLS = List.of("size", "abs", "int", "double", "has");

  private static final Set<String> FOUND = new TreeSet<>();

  private static long inputs;

  static {
    // Loading and instrumenting the classes takes longer than any input may.
    judge("b && size(s) > 0 && has(oi.x) ? d < 1.5 : i % 2 == 0");
    judge("");
  }

  /**
   * One step of building an expression on a stack, so that most of what comes out is well formed.
   *
   * @param kind what is pushed, or how the top is combined
   * @param choice which variable, operator or function
   * @param number an integer literal
   * @param text a string literal, or a text that stands as it is
   */
  record Step(
      @InRange(min = 0, max = 11) int kind,
      @InRange(min = 0, max = 13) int choice,
      long number,
      @NotNull @WithUtf8Length(max = 10) String text) {

    void on(Deque<String> stack) {
      switch (kind) {
        case 0 -> stack.push(Long.toString(number));
        case 1 -> stack.push(Double.toString(number / 8.0));
        case 2 -> stack.push(number % 2 == 0 ? "true" : "false");
        case 3 -> stack.push("'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'");
        case 4, 5, 6 -> stack.push(RandomExpressions.VARIABLES.get(choice).name());
        case 7, 8 -> combine(stack, "(%s " + OPERATORS.get(choice % OPERATORS.size()) + " %s)", 2);
        case 9 -> combine(stack, number % 2 == 0 ? "!(%s)" : "-(%s)", 1);
        case 10 ->
            combine(
                stack,
                number % 2 == 0 ? "(%s ? %s : %s)" : CALLS.get(choice % CALLS.size()) + "(%s)",
                number % 2 == 0 ? 3 : 1);
        default -> stack.push(text);
      }
    }

    private static void combine(Deque<String> stack, String format, int operands) {
      if (stack.size() >= operands) {
        Object[] texts = new Object[operands];
        for (int i = operands - 1; i >= 0; i--) {
          texts[i] = stack.pop();
        }
        stack.push(format.formatted(texts));
      }
    }
  }

  private static String source(List<Step> steps) {
    Deque<String> stack = new ArrayDeque<>();
    steps.forEach(step -> step.on(stack));
    return String.join(" && ", stack);
  }

  /** Any text. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void expressionOfAnyBytes(byte[] source) {
    if (source != null) {
      offer(new String(source, StandardCharsets.UTF_8));
    }
  }

  /** Mostly well-formed text. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void expressionOfAnySteps(@NotNull @WithSize(max = 16) List<@NotNull Step> steps) {
    offer(source(steps));
  }

  /** Judges like the others, and plants bugs; fails once every bug has been met. */
  @FuzzTest
  void plantedInExpressions(@NotNull @WithSize(max = 16) List<@NotNull Step> steps) {
    inputs++;
    Expression expression = offer(source(steps));
    String bug = expression == null ? null : planted(expression);
    if (bug != null && FOUND.add(bug)) {
      System.out.printf("PLANTED found %s after %d inputs%n", FOUND, inputs);
    }
    if (FOUND.size() == 4) {
      throw new IllegalStateException("all planted bugs found");
    }
  }

  private static @Nullable String planted(Expression expression) {
    String source = expression.source();
    if (source.contains("has(")) {
      return "absence";
    }
    if (source.contains(" ? ")) {
      return "choice";
    }
    if (source.contains(" / ") || source.contains(" % ")) {
      return "division";
    }
    return source.contains("!(") && expression.variables().size() == 1 ? "negation" : null;
  }

  private static @Nullable Expression offer(String source) {
    long start = Fuzzer.processorNanos();
    Expression expression = judge(source);
    assertThat(Fuzzer.processorNanos() - start)
        .as("nanoseconds for %d characters", source.length())
        .isLessThan(SLOWEST_NANOS);
    return expression;
  }

  private static @Nullable Expression judge(String source) {
    Expression expression = null;
    try {
      expression = Expression.compile(source, RandomExpressions.VARIABLES);
      Outcome certain = expression.evaluatePartial(SLOTS);
      assertThat(evaluated(expression)).as(source).isEqualTo(certain);
    } catch (ExpressionException e) {
      assertThat(e.position()).isBetween(0, source.length());
      assertThat(e.problem()).isNotBlank().doesNotContain("\n");
    }
    return expression;
  }

  private static Outcome evaluated(Expression expression) {
    try {
      return Outcome.of(expression.evaluate(SLOTS));
    } catch (EvaluationException e) {
      return Outcome.ERROR;
    }
  }
}
