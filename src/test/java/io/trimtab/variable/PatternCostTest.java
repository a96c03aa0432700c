package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PatternCostTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((((a{0,100}){0,100}){0,100}){0,100}){0,100}",
        "(\\Q[\\E((a{999}){999}){999})",
        "((([]a]{100}){100}){100})",
        "((([[:alpha:]]{100}){100}){100})",
        "(?:(?:(?:x{50}){50}){50}){50,}",
        "((\\[a{300}){300}){300}"
      })
  void of_nestedRepetitions_isRefusedAtOnce(String bomb) {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> new StringDomain(0, 10, bomb, List.of()))
                .isInstanceOf(InvalidDefinitionException.class)
                .hasMessageContaining("repetitions"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a-z]{1,20}-[0-9]{1,30}\\.[a-z]{2,100}",
        "^[A-Z][A-Za-z0-9_.]*$",
        "(?i)(\\d{4}-\\d{2}-\\d{2}|today)",
        "([a-f0-9]{2}:){5}[a-f0-9]{2}",
        "a{,5}|\\Q{9}\\E"
      })
  void of_commonPatterns_isAccepted(String pattern) {
    assertThat(new StringDomain(0, 10, pattern, List.of()).pattern()).isEqualTo(pattern);
  }

  @Test
  void of_simpleRepetition_isNeverFarBelowTheProgram() {
    for (String pattern : List.of("a{1000}", "(ab){200}", "((ab){20}c){20}", "[a-z]{3,700}")) {
      assertThat(PatternCost.of(pattern) * 4)
          .as(pattern)
          .isGreaterThan(Pattern.compile(pattern).programSize());
    }
  }
}
