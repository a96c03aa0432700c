package io.trimtab.variable;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts by length, pattern and list.
 *
 * <p>Lengths count Unicode code points. The pattern has RE2 syntax, must match the whole text and
 * takes time linear in it. Texts with U+0000 or unpaired surrogates are always refused, because not
 * every backend could give them back unchanged.
 *
 * <p>JSON keys: {@code min_length}, {@code max_length}, {@code pattern}, {@code allowed}.
 */
public final class StringDomain implements Domain<String> {

  /** The greatest length unless another is declared: 1 Mi code points. */
  public static final int DEFAULT_MAX_LENGTH = 1 << 20;

  /** The greatest length that can be declared: 16 Mi code points. */
  public static final int LARGEST_MAX_LENGTH = 16 << 20;

  private static final double MAX_PATTERN_COST = 20_000;

  private final int minLength;
  private final int maxLength;
  private final @Nullable String pattern;
  private final @Nullable Pattern compiled;
  private final List<String> allowed;

  /**
   * Creates a domain.
   *
   * @param minLength fewest code points, at least 0
   * @param maxLength most code points, at most {@link #LARGEST_MAX_LENGTH}
   * @param pattern an RE2 pattern for the whole text, or null for any text
   * @param allowed the only texts accepted, distinct, each within the other rules; empty for no
   *     such list
   * @throws InvalidDefinitionException if the rules contradict each other, with every fault
   */
  public StringDomain(
      int minLength, int maxLength, @Nullable String pattern, List<String> allowed) {
    this.minLength = minLength;
    this.maxLength = maxLength;
    this.pattern = pattern;
    this.allowed = List.copyOf(allowed);
    Definition definition =
        new Definition()
            .require(minLength >= 0, "min_length", "at least 0", minLength)
            .require(
                minLength <= maxLength,
                "min_length",
                "at most max_length = " + maxLength,
                minLength)
            .require(
                maxLength <= LARGEST_MAX_LENGTH,
                "max_length",
                "at most " + LARGEST_MAX_LENGTH,
                maxLength)
            .require(
                new HashSet<>(allowed).size() == allowed.size(),
                "allowed",
                "distinct texts",
                allowed);
    this.compiled = compile(pattern, definition);
    if (definition.isSound()) {
      for (String text : allowed) {
        String rule = ruleWithoutList(text);
        definition.require(rule == null, "allowed", String.valueOf(rule), text);
      }
    }
    definition.check();
  }

  /**
   * Returns all texts of up to {@link #DEFAULT_MAX_LENGTH} code points.
   *
   * @return the domain without further rules
   */
  public static StringDomain any() {
    return new StringDomain(0, DEFAULT_MAX_LENGTH, null, List.of());
  }

  private static @Nullable Pattern compile(@Nullable String pattern, Definition definition) {
    if (pattern == null) {
      return null;
    }
    definition.require(
        pattern.length() <= 1000, "pattern", "at most 1000 characters", pattern.length());
    boolean small = PatternCost.of(pattern) <= MAX_PATTERN_COST;
    definition.require(small, "pattern", "fewer or smaller repetitions", pattern);
    if (!small) {
      return null; // compiling it could take all memory
    }
    try {
      Pattern compiled = Pattern.compile(pattern);
      definition.require(compiled.programSize() <= 10_000, "pattern", "a smaller pattern", pattern);
      return compiled;
    } catch (PatternSyntaxException e) {
      definition.require(false, "pattern", "RE2 syntax (" + e.getMessage() + ")", pattern);
      return null;
    }
  }

  /**
   * Returns the fewest code points.
   *
   * @return at least 0
   */
  public int minLength() {
    return minLength;
  }

  /**
   * Returns the most code points.
   *
   * @return at most {@link #LARGEST_MAX_LENGTH}
   */
  public int maxLength() {
    return maxLength;
  }

  /**
   * Returns the pattern the whole text must match.
   *
   * @return the RE2 pattern, or null for none
   */
  public @Nullable String pattern() {
    return pattern;
  }

  /**
   * Returns the only texts accepted.
   *
   * @return the texts, or an empty list if there is no such list
   */
  public List<String> allowed() {
    return allowed;
  }

  @Override
  public VariableType type() {
    return VariableType.STRING;
  }

  @Override
  public Class<String> valueClass() {
    return String.class;
  }

  @Override
  public @Nullable String cast(@Nullable Object value) {
    return value instanceof String text ? text : null;
  }

  @Override
  public @Nullable String brokenRule(String value) {
    if (!allowed.isEmpty()) {
      return allowed.contains(value) ? null : "one of " + allowed;
    }
    return ruleWithoutList(value);
  }

  private @Nullable String ruleWithoutList(String value) {
    if (value.length() > maxLength && codePoints(value) > maxLength) {
      return "text of at most " + maxLength + " characters";
    }
    if (minLength > 0 && codePoints(value) < minLength) {
      return "text of at least " + minLength + " characters";
    }
    String unstorable = StorableText.brokenRule(value);
    if (unstorable != null) {
      return unstorable;
    }
    return compiled == null || compiled.matches(value) ? null : "text that matches " + pattern;
  }

  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }

  @Override
  public String description() {
    if (!allowed.isEmpty()) {
      return "one of " + allowed;
    }
    String text = "text of " + minLength + " to " + maxLength + " characters";
    return pattern == null ? text : text + " that matches " + pattern;
  }

  @Override
  public Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (minLength != 0) {
      map.put("min_length", (long) minLength);
    }
    if (maxLength != DEFAULT_MAX_LENGTH) {
      map.put("max_length", (long) maxLength);
    }
    if (pattern != null) {
      map.put("pattern", pattern);
    }
    if (!allowed.isEmpty()) {
      map.put("allowed", allowed);
    }
    return Collections.unmodifiableMap(map);
  }

  @Override
  public Object encode(String value) {
    return value;
  }

  @Override
  public @Nullable String decode(@Nullable Object tree) {
    return cast(tree);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StringDomain that && constraints().equals(that.constraints());
  }

  @Override
  public int hashCode() {
    return constraints().hashCode();
  }

  @Override
  public String toString() {
    return description();
  }
}
