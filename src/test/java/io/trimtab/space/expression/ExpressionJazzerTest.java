package io.trimtab.space.expression;

import io.trimtab.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fuzzes the compiler of expressions with a fuzzer that watches which code is reached, where {@link
 * ExpressionFuzzTest} draws blindly but fast.
 */
final class ExpressionJazzerTest {

  @ParameterizedTest
  @ValueSource(strings = {"expressionOfAnyBytes", "expressionOfAnySteps"})
  @EnabledIfSystemProperty(named = "trimtab.profile", matches = "long")
  void target_fuzzedForLong_showsNothingUndocumented(String target) {
    Fuzzer.holds(ExpressionFuzz.class, target);
  }

  @Test
  void plantedBugs_areFoundBySteps() {
    Fuzzer.findsPlantedBugs(ExpressionFuzz.class, "plantedInExpressions");
  }
}
