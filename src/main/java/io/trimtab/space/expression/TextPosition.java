package io.trimtab.space.expression;

/**
 * A place in a source text, in the forms people read.
 *
 * @param source the whole text
 * @param offset zero-based index in chars
 * @param line from 1
 * @param column from 1, in code points
 */
record TextPosition(String source, int offset, int line, int column) {

  private static final int SHOWN_BEFORE = 60;
  private static final int SHOWN_AFTER = 40;

  static TextPosition in(String source, int position) {
    int offset = Math.max(0, Math.min(position, source.length()));
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < offset; i++) {
      if (source.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new TextPosition(source, offset, line, source.codePointCount(lineStart, offset) + 1);
  }

  /** Shows the neighbourhood on its line and a caret below; a source of megabytes stays short. */
  String excerptWithCaret() {
    int from = offset;
    while (from > 0 && offset - from < SHOWN_BEFORE && source.charAt(from - 1) != '\n') {
      from--;
    }
    int to = offset;
    while (to < source.length() && to - offset < SHOWN_AFTER && source.charAt(to) != '\n') {
      to++;
    }
    String before = printable(source.substring(from, offset));
    String after = printable(source.substring(offset, to));
    int indent = before.codePointCount(0, before.length());
    return "  " + before + after + "\n  " + " ".repeat(indent) + "^";
  }

  private static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : isSurrogate(c) ? '\uFFFD' : c)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
