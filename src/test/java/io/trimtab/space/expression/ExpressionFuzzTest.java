package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.trimtab.Fuzzer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random text and damaged expressions: the compiler refuses with an {@link ExpressionException} or
 * makes something that evaluates; nothing else comes out, and no source takes long.
 */
final class ExpressionFuzzTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int SOURCES = LONG ? 5_000_000 : 200_000;
  private static final long SEED = Long.getLong("trimtab.seed", 7L);
  private static final long SLOWEST_NANOS = 2_000_000_000L;

  private static final String[] WORDS = {
    "i",
    "d",
    "b",
    "s",
    "oi.x",
    "agent.model.name",
    "`top-p`",
    "has",
    "size",
    "min",
    "max",
    "abs",
    "int",
    "double",
    "startsWith",
    "in",
    "true",
    "false",
    "null",
    "and",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "?",
    ":",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "=",
    "'",
    "\"",
    "`",
    "\\",
    "r'",
    "b'",
    "0",
    "1",
    "42",
    "0x",
    "0xF",
    "1.5",
    ".5",
    "1e9",
    "1e",
    "5u",
    "9223372036854775807",
    "9223372036854775808",
    "'a'",
    "\"b\"",
    "''",
    "\\u0041",
    "\ud83d\ude00",
    "\ud83d",
    "\ude00",
    "\u0000",
    "\n",
    "\t",
    " ",
    "//",
    "\u00e9",
    "\uffff",
    "{",
    "}",
    "@",
    "$"
  };

  private int compiled;

  @Test
  void compile_randomAndDamagedSources_onlyEverRefuses() {
    RandomExpressions expressions = new RandomExpressions(SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    Object[] slots = expressions.slots();

    for (int i = 0; i < SOURCES; i++) {
      String source =
          i % 3 == 0 ? words(random) : damaged(expressions.wellTyped(type(i), 3).ours(), random);
      tryOne(i, source, slots);
    }

    assertThat(compiled).as("sources that still compiled").isGreaterThan(SOURCES / 100);
  }

  private static ExpressionType type(int i) {
    return i % 7 == 0 ? ExpressionType.INT : ExpressionType.BOOL;
  }

  private void tryOne(int i, String source, Object[] slots) {
    long start = Fuzzer.processorNanos();
    try {
      Expression expression = Expression.compile(source, RandomExpressions.VARIABLES);
      compiled++;
      Outcome outcome = expression.evaluatePartial(slots);
      assertThat(evaluated(expression, slots)).isEqualTo(outcome);
    } catch (ExpressionException e) {
      assertThat(e.position()).isBetween(0, source.length());
      assertThat(e.problem()).isNotBlank().doesNotContain("\n");
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      fail("seed " + SEED + ", source " + i + ": " + source, e);
    }
    if (Fuzzer.processorNanos() - start > SLOWEST_NANOS) {
      fail("seed %d, source %d took too long: %s", SEED, i, source);
    }
  }

  private static Outcome evaluated(Expression expression, Object[] slots) {
    try {
      return Outcome.of(expression.evaluate(slots));
    } catch (EvaluationException e) {
      return Outcome.ERROR;
    }
  }

  private static String words(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    int count = random.nextInt(1, 25);
    for (int i = 0; i < count; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]);
      if (random.nextInt(3) == 0) {
        text.append(' ');
      }
    }
    return text.toString();
  }

  private static String damaged(String source, SplittableRandom random) {
    StringBuilder text = new StringBuilder(source);
    int times = random.nextInt(1, 4);
    for (int i = 0; i < times && text.length() > 0; i++) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(1, 6));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, WORDS[random.nextInt(WORDS.length)]);
        case 2 -> text.insert(at, text.substring(at, end));
        default -> text.setCharAt(at, (char) random.nextInt(32, 127));
      }
    }
    return text.toString();
  }
}
