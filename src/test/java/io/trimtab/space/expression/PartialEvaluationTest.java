package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PartialEvaluationTest {

  private static final List<Declaration> VARIABLES =
      List.of(
          Declaration.discrete("known", ExpressionType.BOOL),
          Declaration.discrete("open", ExpressionType.BOOL),
          Declaration.discrete("inactive", ExpressionType.BOOL));

  private static final Object[] SLOTS = {true, Expression.UNASSIGNED, null};

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "known; TRUE",
        "!known; FALSE",
        "open; UNKNOWN",
        "!open; UNKNOWN",
        "inactive; ERROR",
        "!inactive; ERROR",
        "has(known); TRUE",
        "has(inactive); FALSE",
        "has(open); UNKNOWN",
        "known && open; UNKNOWN",
        "!known && open; FALSE",
        "open && !known; FALSE",
        "known || open; TRUE",
        "open || known; TRUE",
        "!known || open; UNKNOWN",
        "known && inactive; ERROR",
        "!known && inactive; FALSE",
        "inactive && !known; FALSE",
        "inactive || known; TRUE",
        "inactive && open; UNKNOWN",
        "open || inactive; UNKNOWN",
        "known ? open : known; UNKNOWN",
        "known ? known : open; TRUE",
        "open ? known : known; UNKNOWN",
        "open ? inactive : inactive; ERROR",
        "open ? known : inactive; UNKNOWN",
        "inactive ? known : known; ERROR",
        "open == known; UNKNOWN",
        "1 / 0 == 1; ERROR",
        "true || open; TRUE",
        "open && false; FALSE",
      })
  void evaluatePartial_ofOneRule_saysWhatIsCertain(String source, Outcome outcome) {
    assertThat(Expression.compile(source, VARIABLES).evaluatePartial(SLOTS)).isEqualTo(outcome);
  }

  @Test
  void refuted_falseAndError_cannotBecomeTrue() {
    assertThat(Arrays.stream(Outcome.values()).filter(Outcome::refuted))
        .containsExactly(Outcome.FALSE, Outcome.ERROR);
  }

  /** Whatever is said of a partial assignment holds for completions of it. */
  @Test
  void evaluatePartial_randomRulesAndCompletions_isNeverWrong() {
    int decided = 0;
    for (long seed = 1; seed <= 20_000; seed++) {
      RandomExpressions expressions = new RandomExpressions(seed);
      String source = expressions.wellTyped(ExpressionType.BOOL, 3).ours();
      if (source.contains("--9223372036854775808") || source.contains("--0x8")) {
        continue; // two signs are none, and the number without a sign is too large
      }
      Expression rule = Expression.compile(source, RandomExpressions.VARIABLES);
      Object[] partial = withHoles(expressions.slots(), new SplittableRandom(seed));
      Outcome claimed = rule.evaluatePartial(partial);
      for (int i = 0; i < 6; i++) {
        Object[] completion = completed(partial, expressions.slots());
        Outcome truth = evaluated(rule, completion);
        if (rule.evaluatePartial(completion) != truth
            || (claimed != Outcome.UNKNOWN && claimed != truth)) {
          fail(
              "seed %d: claimed %s of %s, is %s over %s%n%s",
              seed, claimed, Arrays.toString(partial), truth, Arrays.toString(completion), source);
        }
      }
      decided += claimed == Outcome.UNKNOWN ? 0 : 1;
    }
    assertThat(decided).isBetween(2_000, 18_000);
  }

  private static Object[] withHoles(Object[] slots, SplittableRandom random) {
    Object[] partial = slots.clone();
    for (int slot = 0; slot < partial.length; slot++) {
      partial[slot] = random.nextInt(3) == 0 ? Expression.UNASSIGNED : partial[slot];
    }
    return partial;
  }

  private static Object[] completed(Object[] partial, Object[] values) {
    Object[] completion = partial.clone();
    for (int slot = 0; slot < completion.length; slot++) {
      completion[slot] =
          completion[slot] == Expression.UNASSIGNED ? values[slot] : completion[slot];
    }
    return completion;
  }

  private static Outcome evaluated(Expression rule, Object[] slots) {
    try {
      return Outcome.of(rule.evaluate(slots));
    } catch (EvaluationException e) {
      return Outcome.ERROR;
    }
  }
}
