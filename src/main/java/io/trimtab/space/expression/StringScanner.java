package io.trimtab.space.expression;

/** Reads one string literal and resolves its escapes. */
final class StringScanner {
  /*
   * CEL escapes: \\ \? \" \' \` \a \b \f \n \r \t \v, \xHH (a code point, not a byte), three octal
   * digits \000 to \377, four hex digits after u, eight after U. A surrogate, alone or escaped, is
   * refused: it is not a character, and no value of a variable may hold one.
   */

  private final String source;
  private final int start;
  private final char quote;
  private final boolean raw;
  private final StringBuilder content = new StringBuilder();
  private int at;

  /**
   * Prepares to read.
   *
   * @param start where the literal begins, its prefix included
   * @param quoteAt where its quote stands
   */
  StringScanner(String source, int start, int quoteAt, boolean raw) {
    this.source = source;
    this.start = start;
    this.quote = source.charAt(quoteAt);
    this.raw = raw;
    this.at = quoteAt + 1;
  }

  String scan() {
    while (true) {
      int c = codePoint("this string is never closed", start);
      if (c == quote) {
        return content.toString();
      }
      if (c == '\n' || c == '\r') {
        throw problem(start, "this string is not closed on its line; write \\n for a new line");
      }
      if (c == '\\' && !raw) {
        escape(at - 1);
      } else {
        append(c, at - Character.charCount(c));
      }
    }
  }

  /** Returns the index after the closing quote. */
  int end() {
    return at;
  }

  private void escape(int backslash) {
    int c = codePoint("this string is never closed", start);
    switch (c) {
      case '\\', '?', '"', '\'', '`' -> content.appendCodePoint(c);
      case 'a' -> content.append('\u0007');
      case 'b' -> content.append('\b');
      case 'f' -> content.append('\f');
      case 'n' -> content.append('\n');
      case 'r' -> content.append('\r');
      case 't' -> content.append('\t');
      case 'v' -> content.append('\u000B');
      case 'x', 'X' -> append(digits(backslash, 2, 16), backslash);
      case 'u' -> append(digits(backslash, 4, 16), backslash);
      case 'U' -> append(digits(backslash, 8, 16), backslash);
      case '0', '1', '2', '3' -> {
        at--;
        append(digits(backslash, 3, 8), backslash);
      }
      default ->
          throw problem(
              backslash, "this escape does not exist; write \\\\ for a backslash or r'...'");
    }
  }

  private int digits(int backslash, int count, int radix) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      int digit = at < source.length() ? Character.digit(source.charAt(at), radix) : -1;
      // Character.digit also knows the digits of other scripts
      if (digit < 0 || source.charAt(at) > 'f') {
        String kind = radix == 16 ? "hexadecimal" : "octal";
        throw problem(backslash, "this escape needs " + count + " " + kind + " digits");
      }
      value = value * radix + digit;
      at++;
    }
    return value > Character.MAX_CODE_POINT ? -1 : (int) value;
  }

  private void append(int codePoint, int position) {
    boolean surrogate =
        codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    if (codePoint < 0 || surrogate) {
      throw problem(position, "this is not a Unicode character");
    }
    content.appendCodePoint(codePoint);
  }

  private int codePoint(String problemAtEnd, int position) {
    if (at >= source.length()) {
      throw problem(position, problemAtEnd);
    }
    int c = source.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private ExpressionException problem(int position, String what) {
    return new ExpressionException(source, position, what);
  }
}
