package io.trimtab.program;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rule a field's value keeps; the model is told, and an answer that breaks it counts as
 * unreadable.
 *
 * @param kind which rule
 * @param bound what it compares with; an integral number prints without fraction
 */
public record Constraint(Kind kind, double bound) {

  /** The rules there are, named as Pydantic names them. */
  public enum Kind {
    /** A number above the bound. */
    GT("gt", "greater than"),
    /** A number not below the bound. */
    GE("ge", "greater than or equal to"),
    /** A number below the bound. */
    LT("lt", "less than"),
    /** A number not above the bound. */
    LE("le", "less than or equal to"),
    /** A text, list or map of at least so many characters or entries. */
    MIN_LENGTH("min_length", "minimum length"),
    /** A text, list or map of at most so many characters or entries. */
    MAX_LENGTH("max_length", "maximum length"),
    /** A number that is an integer times the bound. */
    MULTIPLE_OF("multiple_of", "a multiple of the given number");

    private final String key;
    private final String words;

    Kind(String key, String words) {
      this.key = key;
      this.words = words;
    }

    /**
     * Returns the rule's name in saved programs and in Python.
     *
     * @return such as {@code max_length}
     */
    public String key() {
      return key;
    }
  }

  /**
   * Rejects bounds that are not finite, negative lengths and multiples of nothing.
   *
   * @param kind as documented above
   * @param bound as documented above
   */
  public Constraint {
    if (!Double.isFinite(bound)) {
      throw new IllegalArgumentException(kind.key + " needs a finite bound, got " + bound);
    }
    boolean length = kind == Kind.MIN_LENGTH || kind == Kind.MAX_LENGTH;
    if (length && (bound < 0 || bound != Math.rint(bound))) {
      throw new IllegalArgumentException(kind.key + " needs a length of 0 or more, got " + bound);
    }
    if (kind == Kind.MULTIPLE_OF && bound <= 0) {
      throw new IllegalArgumentException("multiple_of needs a bound above 0, got " + bound);
    }
  }

  /**
   * Returns how the prompt states the rule.
   *
   * @return such as {@code less than or equal to: 1}
   */
  public String words() {
    return kind.words + ": " + shownBound();
  }

  /**
   * Tells whether a value keeps the rule; a value the rule does not speak about does.
   *
   * @param value a plain value, or null
   * @return whether it is acceptable
   */
  public boolean accepts(@Nullable Object value) {
    return switch (kind) {
      case GT -> !(value instanceof Number n) || n.doubleValue() > bound;
      case GE -> !(value instanceof Number n) || n.doubleValue() >= bound;
      case LT -> !(value instanceof Number n) || n.doubleValue() < bound;
      case LE -> !(value instanceof Number n) || n.doubleValue() <= bound;
      case MIN_LENGTH -> length(value) < 0 || length(value) >= bound;
      case MAX_LENGTH -> length(value) <= bound;
      case MULTIPLE_OF -> !(value instanceof Number n) || isMultiple(n.doubleValue());
    };
  }

  private boolean isMultiple(double value) {
    // 0.3 / 0.1 is 2.9999999999999996: a quotient this near to an integer is meant to be one.
    double quotient = value / bound;
    return Math.abs(quotient - Math.rint(quotient)) <= 1e-9 * Math.max(1.0, Math.abs(quotient));
  }

  private static int length(@Nullable Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof Collection<?> items) {
      return items.size();
    }
    return value instanceof Map<?, ?> map ? map.size() : -1;
  }

  /**
   * Returns the bound as the prompt shows it.
   *
   * @return an integer without fraction, or a decimal
   */
  String shownBound() {
    return bound == Math.rint(bound) && Math.abs(bound) < 1e15
        ? Long.toString((long) bound)
        : PythonText.number(bound);
  }

  @Override
  public String toString() {
    return words();
  }
}
