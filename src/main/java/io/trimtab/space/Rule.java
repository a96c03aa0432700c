package io.trimtab.space;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A rule between the parameters of a {@link ConfigurationSpace}, with the message people see when a
 * configuration breaks it. Immutable.
 *
 * <p>A rule that mentions an inactive parameter holds, unless it asks {@code has(...)}. A rule
 * whose expression has no value (overflow, division by zero) is broken.
 */
public final class Rule {

  /** What a rule is made of. */
  public enum Kind {
    /** An expression that must be true. */
    REQUIRE,
    /** An expression that must not be true. */
    FORBID,
    /** Values that must not all come together. */
    FORBID_COMBINATION,
    /** A Java predicate that must be true; it exists only in this JVM. */
    LOCAL
  }

  private final Kind kind;
  private final String text;
  private final String message;
  private final List<String> variables;
  private final Map<String, Object> combination;
  private final @Nullable Predicate<Configuration> predicate;
  private final Check check;

  Rule(
      Kind kind,
      String text,
      String message,
      List<String> variables,
      Map<String, Object> combination,
      @Nullable Predicate<Configuration> predicate,
      Check check) {
    this.kind = kind;
    this.text = text;
    this.message = message;
    this.variables = List.copyOf(variables);
    this.combination = Map.copyOf(combination);
    this.predicate = predicate;
    this.check = check;
  }

  /**
   * Returns what the rule is made of.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * Returns the rule as written.
   *
   * @return the expression, the forbidden values, or the name of the predicate
   */
  public String text() {
    return text;
  }

  /**
   * Returns what to tell people.
   *
   * @return the message given with the rule
   */
  public String message() {
    return message;
  }

  /**
   * Returns the parameters the rule speaks about.
   *
   * @return names in the order of the space; all of them for a Java predicate
   */
  public List<String> variables() {
    return variables;
  }

  /**
   * Returns the values that must not all come together.
   *
   * @return canonical values by name; empty unless the kind is {@link Kind#FORBID_COMBINATION}
   */
  public Map<String, Object> combination() {
    return combination;
  }

  @Nullable Predicate<Configuration> predicate() {
    return predicate;
  }

  Check check() {
    return check;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Rule that
        && kind == that.kind
        && text.equals(that.text)
        && message.equals(that.message)
        && combination.equals(that.combination)
        && Objects.equals(predicate, that.predicate);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, text, message);
  }

  /** Returns the message and, in parentheses, the rule as written. */
  @Override
  public String toString() {
    return switch (kind) {
      case REQUIRE -> "\"%s\" (require %s)".formatted(message, text);
      case FORBID, FORBID_COMBINATION -> "\"%s\" (forbid %s)".formatted(message, text);
      case LOCAL -> "\"%s\" (local predicate %s)".formatted(message, text);
    };
  }
}
