package io.trimtab.space.expression;

/**
 * A word of the language.
 *
 * @param kind what sort of word
 * @param text what it says: an operator or name as written, digits without sign, a string's content
 * @param start zero-based index of its first char
 * @param end index after its last char
 */
record Token(Kind kind, String text, int start, int end) {

  private static final int LONGEST_SHOWN = 128;

  enum Kind {
    INT,
    DOUBLE,
    STRING,
    NAME,
    QUOTED_NAME,
    OPERATOR,
    END
  }

  boolean is(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  boolean isWord(String word) {
    return kind == Kind.NAME && text.equals(word);
  }

  boolean isName() {
    return kind == Kind.NAME || kind == Kind.QUOTED_NAME;
  }

  /** Says what stands here, for messages; a long word is cut. */
  String described() {
    return switch (kind) {
      case END -> "the end";
      case STRING -> "a string";
      default -> "'" + abbreviated(text) + "'";
    };
  }

  /** Cuts a long word to what a message can carry. */
  static String abbreviated(String word) {
    return word.codePointCount(0, word.length()) <= LONGEST_SHOWN
        ? word
        : word.substring(0, word.offsetByCodePoints(0, LONGEST_SHOWN)) + "...";
  }
}
