package io.trimtab.openai;

import java.util.Arrays;

/**
 * A key that prints as {@code ***}: hand it to a model, and it reaches the server's header and
 * nothing else.
 *
 * <p>It has no accessor, is not serializable, and compares by content. Immutable.
 */
public final class Secret {

  private static final String MASK = "***";

  private final char[] characters;

  private Secret(char[] characters) {
    this.characters = characters;
  }

  /**
   * Wraps a key.
   *
   * @param value the key as the provider gave it; surrounding white space, which copying often
   *     adds, is removed
   * @return the secret
   * @throws IllegalArgumentException if the key is blank or has a character no HTTP header can
   *     carry; the message does not repeat the key
   */
  public static Secret of(String value) {
    char[] characters = value.strip().toCharArray();
    if (characters.length == 0) {
      throw new IllegalArgumentException("a key must not be blank");
    }
    for (int i = 0; i < characters.length; i++) {
      if (characters[i] <= ' ' || characters[i] > '~') {
        throw new IllegalArgumentException(
            "a key consists of visible ASCII characters, but character %d is U+%04X"
                .formatted(i + 1, (int) characters[i]));
      }
    }
    return new Secret(characters);
  }

  /** Wraps any text that must not be shown, such as the value of a header. */
  static Secret hidden(String value) {
    return new Secret(value.toCharArray());
  }

  /** Returns the key behind a prefix, for a header and nothing else. */
  String reveal(String prefix) {
    return prefix + String.valueOf(characters);
  }

  /**
   * Returns a text from elsewhere (servers like to echo keys) with every occurrence of the key
   * masked.
   */
  String redact(String text) {
    String key = new String(characters);
    return text.contains(key) ? text.replace(key, MASK) : text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && Arrays.equals(characters, that.characters);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(characters);
  }

  @Override
  public String toString() {
    return MASK;
  }
}
