package io.trimtab.variable;

import org.jspecify.annotations.Nullable;

/** What every text must satisfy so that each backend keeps it unchanged. */
public final class StorableText {

  private StorableText() {}

  /**
   * Tells whether every backend keeps a text unchanged.
   *
   * @param text any text
   * @return whether it is free of U+0000 and of unpaired surrogates
   */
  public static boolean is(String text) {
    return brokenRule(text) == null;
  }

  /** Names the rule a text breaks that no backend could store, or null if every backend can. */
  static @Nullable String brokenRule(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "text without the character U+0000";
      }
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          return "text without unpaired surrogates";
        }
        i++;
      }
    }
    return null;
  }
}
