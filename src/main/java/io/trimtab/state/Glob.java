package io.trimtab.state;

import org.jspecify.annotations.Nullable;

/**
 * A pattern of names: {@code *} stands for any characters, {@code ?} for one, everything else for
 * itself. Matches whole names only, in time linear in pattern and name.
 */
public final class Glob {

  private static final int MAX_LENGTH = 256;

  private final String pattern;

  private Glob(String pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles a pattern.
   *
   * @param pattern 1 to 256 characters
   * @return the glob
   * @throws IllegalArgumentException if the pattern is empty or too long
   */
  public static Glob of(String pattern) {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a glob has 1 to %d characters, got %d".formatted(MAX_LENGTH, pattern.length()));
    }
    return new Glob(pattern);
  }

  /**
   * Tells whether a name matches.
   *
   * @param name the whole name
   * @return whether the pattern covers it
   */
  public boolean matches(String name) {
    // Greedy with one backtrack point: on a mismatch only the last star can help, so no position is
    // tried twice per star.
    int star = -1;
    int resume = 0;
    int p = 0;
    int n = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Glob that && pattern.equals(that.pattern);
  }

  @Override
  public int hashCode() {
    return pattern.hashCode();
  }

  @Override
  public String toString() {
    return pattern;
  }
}
