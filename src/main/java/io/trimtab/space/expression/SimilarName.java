package io.trimtab.space.expression;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name someone probably meant, for error messages. */
public final class SimilarName {
  /*
   * Levenshtein distance by two rows, letters compared without case. A name is offered when at most
   * a third of its letters (at least one) must change. Names whose lengths differ by more are
   * skipped before any work, names are at most 128 letters: a few thousand declarations cost
   * milliseconds, on the error path only. Ties go to the first in the alphabet, so that the message
   * does not depend on the order of a hash table.
   */

  private static final int LONGEST = 128;

  private SimilarName() {}

  /**
   * Finds the name closest to a misspelt one.
   *
   * @param wanted what was written
   * @param names what exists
   * @return the closest of the names, or null if none is close
   */
  public static @Nullable String nearest(String wanted, Collection<String> names) {
    if (wanted.length() > LONGEST) {
      return null;
    }
    String best = null;
    int bestDistance = Math.max(1, wanted.length() / 3) + 1;
    for (String name : names) {
      if (Math.abs(name.length() - wanted.length()) > bestDistance) {
        continue;
      }
      int distance = distance(wanted, name);
      boolean tieBefore = distance == bestDistance && best != null && name.compareTo(best) < 0;
      if (distance < bestDistance || tieBefore) {
        best = name;
        bestDistance = distance;
      }
    }
    return best;
  }

  private static int distance(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] spare = previous;
      previous = current;
      current = spare;
    }
    return previous[b.length()];
  }
}
