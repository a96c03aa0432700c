package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** STRING, CHOICE, MODULE and BOOLEAN: what they take and which definitions are refused. */
final class TextDomainsTest {

  private static StringDomain pattern(String pattern) {
    return new StringDomain(0, 100, pattern, List.of());
  }

  @Test
  void string_lengths_countCodePoints() {
    StringDomain two = new StringDomain(2, 2, null, List.of());

    assertThat(two.accepts("ab")).isTrue();
    assertThat(two.accepts("\ud83d\ude00\ud83d\ude00")).isTrue();
    assertThat(two.accepts("a")).isFalse();
    assertThat(two.accepts("abc")).isFalse();
    assertThat(two.accepts("\ud83d\ude00")).isFalse();
    assertThatThrownBy(() -> two.normalize("name", "a"))
        .hasMessage("name: expected text of at least 2 characters, got \"a\"");
    assertThatThrownBy(() -> two.normalize("name", "abc"))
        .hasMessage("name: expected text of at most 2 characters, got \"abc\"");
  }

  @Test
  void string_pattern_mustMatchTheWholeText() {
    assertThat(pattern("[a-z]+").accepts("abc")).isTrue();
    assertThat(pattern("[a-z]+").accepts("abc1")).isFalse();
    assertThat(pattern("a|b").accepts("ab")).isFalse();
    assertThat(pattern("").accepts("")).isTrue();
    assertThat(pattern("").accepts("x")).isFalse();
  }

  @Test
  void string_pattern_takesLinearTime() {
    String text = "a".repeat(60) + "!";

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertThat(pattern("(a+)+$").accepts(text)).isFalse());
  }

  @Test
  void string_patternBombs_areRefusedOrHarmless() {
    for (String bomb :
        List.of(
            "((a{1000}){1000}){1000}",
            "(a{0,1000}){0,1000}",
            "(\\pL{500}){2}",
            "(".repeat(499) + ")".repeat(499),
            "[\\x{0}-\\x{10FFFF}]{1000}",
            "x{1001}",
            "a".repeat(1001))) {
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(10),
          () -> {
            try {
              pattern(bomb).accepts("aaaa");
            } catch (InvalidDefinitionException e) {
              assertThat(e.violations()).isNotEmpty();
            }
          },
          bomb);
    }
  }

  @Test
  void string_badPatterns_areRefusedWhenDefined() {
    for (String bad : List.of("(", "[a-", "*", "(?=a)", "\\1", "a{2,1}", "(?P<n")) {
      assertThatThrownBy(() -> pattern(bad))
          .as(bad)
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("RE2 syntax");
    }
  }

  @Test
  void string_unstorableText_isRefusedWithTheReason() {
    assertThatThrownBy(() -> StringDomain.any().normalize("a\0b")).hasMessageContaining("U+0000");
    for (String lone : List.of("\ud800", "a\udc00", "\udc00\ud800", "\ud800\ud800\udc00")) {
      assertThatThrownBy(() -> StringDomain.any().normalize(lone))
          .hasMessageContaining("unpaired surrogates");
    }
    assertThat(StringDomain.any().accepts("\ud83d\ude00")).isTrue();
  }

  @Test
  void string_defaultLimit_isOneMebiCodePoints() {
    String most = "x".repeat(StringDomain.DEFAULT_MAX_LENGTH);

    assertThat(StringDomain.any().accepts(most)).isTrue();
    assertThat(StringDomain.any().accepts(most + "x")).isFalse();
    assertThatThrownBy(
            () -> new StringDomain(0, StringDomain.LARGEST_MAX_LENGTH + 1, null, List.of()))
        .isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void string_unicodeForms_areKeptApart() {
    StringDomain allowed = new StringDomain(0, 9, null, List.of("\u00e9"));

    assertThat(allowed.accepts("\u00e9")).isTrue();
    assertThat(allowed.accepts("e\u0301")).isFalse();
  }

  @Test
  void string_contradictions_areAllListed() {
    InvalidDefinitionException e =
        catchThrowableOfType(
            InvalidDefinitionException.class,
            () -> new StringDomain(-1, -2, "(", List.of("a", "a")));

    assertThat(e.violations().stream().map(Violation::subject))
        .containsExactly("min_length", "min_length", "allowed", "pattern");
    assertThatThrownBy(() -> new StringDomain(2, 5, null, List.of("abc", "a")))
        .hasMessageContaining("allowed")
        .hasMessageContaining("at least 2");
    assertThatThrownBy(() -> new StringDomain(0, 5, "b+", List.of("a")))
        .hasMessageContaining("matches b+");
  }

  @Test
  void string_otherTypes_areRefused() {
    for (Object value : new Object[] {42, 'c', true, new StringBuilder("x"), null}) {
      assertThat(StringDomain.any().accepts(value)).isFalse();
    }
  }

  @Test
  void choice_onlyItsOptions_exactly() {
    ChoiceDomain sizes = ChoiceDomain.of("small", "large");

    assertThat(sizes.accepts("small")).isTrue();
    assertThat(sizes.accepts("Small")).isFalse();
    assertThat(sizes.accepts("small ")).isFalse();
    assertThat(sizes.accepts(0)).isFalse();
    assertThatThrownBy(() -> sizes.normalize("size", "huge"))
        .hasMessage("size: expected one of [small, large], got \"huge\"");
  }

  @Test
  void choice_badOptionsAndWeights_areAllListed() {
    assertThatThrownBy(ChoiceDomain::of).hasMessageContaining("at least one option");
    assertThatThrownBy(() -> ChoiceDomain.of("a", "b", "a")).hasMessageContaining("distinct");
    assertThatThrownBy(() -> ChoiceDomain.of("")).hasMessageContaining("1 to 1000");
    assertThatThrownBy(() -> ChoiceDomain.of("\ud800")).hasMessageContaining("surrogate");
    InvalidDefinitionException e =
        catchThrowableOfType(
            InvalidDefinitionException.class,
            () -> new ChoiceDomain(List.of("a", "b"), Arrays.asList(0.0, -1.0, Double.NaN), false));
    assertThat(e.violations()).hasSize(4);
    assertThatThrownBy(
            () ->
                new ChoiceDomain(
                    List.of("a", "b"), List.of(Double.MAX_VALUE, Double.MAX_VALUE), false))
        .hasMessageContaining("sum");
  }

  @Test
  void module_namesOfModules_only() {
    ModuleDomain any = ModuleDomain.of();

    for (String good : List.of("Predict", "My.Deep.Nested.Processor", "x", "A_1")) {
      assertThat(any.accepts(good)).as(good).isTrue();
    }
    for (String bad : List.of("", "1x", ".x", "a b", "a-b", "x".repeat(201), "a\n")) {
      assertThat(any.accepts(bad)).as(bad).isFalse();
    }
    ModuleDomain some = ModuleDomain.of("Strategies.Optimized", "Predict");
    assertThat(some.accepts("Strategies.Optimized")).isTrue();
    assertThat(some.accepts("Other.Module")).isFalse();
    assertThat(some.accepts("Strategies.Custom")).isFalse();
    assertThatThrownBy(() -> ModuleDomain.of("a b", "x", "x"))
        .isInstanceOfSatisfying(
            InvalidDefinitionException.class, e -> assertThat(e.violations()).hasSize(2));
  }

  @Test
  void boolean_trueAndFalse_only() {
    BooleanDomain domain = new BooleanDomain();

    assertThat(domain.accepts(true)).isTrue();
    assertThat(domain.accepts(false)).isTrue();
    for (Object value : new Object[] {1, 0, "true", "false", 1.0, null}) {
      assertThat(domain.accepts(value)).isFalse();
    }
    assertThatThrownBy(() -> domain.normalize("flag", 1))
        .hasMessage("flag: expected true or false, got 1");
  }
}
