package io.trimtab.variable;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One broken rule: what it is about, what was expected there, and what came.
 *
 * @param subject what the rule is about, usually a variable's name
 * @param expected what would have been accepted, such as {@code a value in [0.0, 2.0]}
 * @param actual what came, shortened to at most 80 characters, or null where nothing came
 */
public record Violation(String subject, String expected, @Nullable String actual) {

  private static final int SHOWN = 80;

  /**
   * Describes a value that broke a rule.
   *
   * @param subject what the rule is about
   * @param expected what would have been accepted
   * @param actual the value that came; its text is shortened, arrays and long texts included
   * @return the violation
   */
  public static Violation of(String subject, String expected, @Nullable Object actual) {
    return new Violation(subject, expected, shown(actual));
  }

  /**
   * Describes something that is missing altogether.
   *
   * @param subject what is missing
   * @param expected what should have been there
   * @return the violation
   */
  public static Violation missing(String subject, String expected) {
    return new Violation(subject, expected, null);
  }

  /**
   * Returns this violation as one of a part: {@code min} within {@code temperature} is {@code
   * temperature min}.
   *
   * @param whole the name of what the subject is a part of
   * @return the violation itself if its subject is that, or a part of it, already
   */
  public Violation within(String whole) {
    boolean within = subject.equals(whole) || subject.startsWith(whole + " ");
    return within ? this : new Violation(whole + " " + subject, expected, actual);
  }

  private static String shown(@Nullable Object value) {
    String text = text(value);
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 3) + "...";
  }

  private static String text(@Nullable Object value) {
    if (value instanceof String s) {
      return '"' + s + '"';
    }
    // No more elements than the limit on characters could ever show.
    if (value instanceof float[] floats) {
      return Arrays.toString(Arrays.copyOf(floats, Math.min(floats.length, SHOWN)));
    }
    if (value instanceof double[] doubles) {
      return Arrays.toString(Arrays.copyOf(doubles, Math.min(doubles.length, SHOWN)));
    }
    return String.valueOf(value);
  }

  @Override
  public String toString() {
    return actual == null
        ? subject + ": expected " + expected
        : subject + ": expected " + expected + ", got " + actual;
  }
}
