package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The bound on a pattern's size, held against what the compiler really makes of it. */
final class PatternCostTest {

  @Test
  void of_nestedRepetitions_multiplies() {
    assertThat(PatternCost.of("abc")).isEqualTo(3);
    assertThat(PatternCost.of("a{1000}")).isBetween(1000.0, 1010.0);
    assertThat(PatternCost.of("(a{100}){100}")).isBetween(10_000.0, 20_000.0);
    assertThat(PatternCost.of("((a{1000}){1000}){1000}")).isGreaterThan(1e9);
    assertThat(PatternCost.of("((((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9})"))
        .isGreaterThan(1e9);
    assertThat(PatternCost.of("[a-z{1000}]")).isLessThan(5);
    assertThat(PatternCost.of("\\Q(a{1000}){1000}\\E")).isLessThan(30);
    assertThat(PatternCost.of("a\\{1000}")).isLessThan(10);
    assertThat(PatternCost.of("[[:alpha:]]{3}")).isLessThan(10);
  }

  @Test
  void of_malformedPatterns_isJustANumber() {
    for (String pattern :
        List.of(
            "(", ")", "[", "[^", "[]", "\\", "{", "a{", "a{x}", "{2}", "a{,2}", "\\Q", "))((")) {
      assertThat(PatternCost.of(pattern)).as(pattern).isBetween(0.0, 100.0);
    }
  }

  @Test
  void of_randomPatterns_isNeverFarBelowTheCompiledSize() {
    long seed = Long.getLong("trimtab.seed", 5);
    SplittableRandom random = new SplittableRandom(seed);
    int compiled = 0;
    for (int i = 0; i < 3000; i++) {
      String pattern = pattern(random, 3);
      if (PatternCost.of(pattern) > 10_000) {
        continue;
      }
      int size = Pattern.compile(pattern).programSize();
      compiled++;

      assertThat((double) size)
          .as("seed %d, pattern %s", seed, pattern)
          .isLessThanOrEqualTo(4 * PatternCost.of(pattern) + 10);
    }
    assertThat(compiled).isGreaterThan(1000);
  }

  private static String pattern(SplittableRandom random, int depth) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String atom =
          switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> "a";
            case 1 -> "[^x{2}]";
            case 2 -> "\\d";
            case 3 -> ".";
            case 4 -> "(" + pattern(random, depth - 1) + ")";
            default -> "(?:" + pattern(random, depth - 1) + "|b)";
          };
      String suffix =
          switch (random.nextInt(7)) {
            case 0 -> "*";
            case 1 -> "+?";
            case 2 -> "{" + random.nextInt(8) + "}";
            case 3 -> "{1,}";
            case 4 -> "{2," + (2 + random.nextInt(9)) + "}";
            default -> "";
          };
      pattern.append(atom).append(suffix);
    }
    return pattern.toString();
  }
}
