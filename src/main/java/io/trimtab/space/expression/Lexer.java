package io.trimtab.space.expression;

import java.util.List;

/** Cuts a source into {@link Token}s, one at a time. */
final class Lexer {
  /*
   * The lexical grammar of CEL by longest match, without bytes, unsigned integers and triple-quoted
   * strings. The source is scanned once, left to right; a token never looks back.
   */

  private static final List<String> TWO_CHAR_OPERATORS =
      List.of("&&", "||", "<=", ">=", "==", "!=");
  private static final String ONE_CHAR_OPERATORS = "!-*/%+<>?:()[],.";

  private final String source;
  private int at;

  Lexer(String source) {
    this.source = source;
  }

  Token next() {
    skipBlanksAndComments();
    if (at == source.length()) {
      return new Token(Token.Kind.END, "", at, at);
    }
    char c = source.charAt(at);
    if (isDigit(c) || (c == '.' && isDigit(charAt(at + 1)))) {
      return number();
    }
    if (c == '"' || c == '\'') {
      return string(at, /* raw= */ false);
    }
    if (isNameStart(c)) {
      return nameOrPrefixedString();
    }
    return c == '`' ? quotedName() : operator();
  }

  private void skipBlanksAndComments() {
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        at++;
      } else if (c == '/' && charAt(at + 1) == '/') {
        int lineEnd = source.indexOf('\n', at);
        at = lineEnd < 0 ? source.length() : lineEnd;
      } else {
        return;
      }
    }
  }

  private Token number() {
    int start = at;
    if (charAt(at) == '0' && charAt(at + 1) == 'x' && isHexDigit(charAt(at + 2))) {
      at += 2;
      while (isHexDigit(charAt(at))) {
        at++;
      }
      return integer(start);
    }
    skipDigits();
    boolean fraction = charAt(at) == '.' && isDigit(charAt(at + 1));
    if (fraction) {
      at++;
      skipDigits();
    }
    boolean exponent = skipExponent();
    return fraction || exponent ? token(Token.Kind.DOUBLE, start) : integer(start);
  }

  private Token integer(int start) {
    if (charAt(at) == 'u' || charAt(at) == 'U') {
      throw problem(start, "unsigned integers are not part of the language; drop the 'u'");
    }
    return token(Token.Kind.INT, start);
  }

  private void skipDigits() {
    while (isDigit(charAt(at))) {
      at++;
    }
  }

  private boolean skipExponent() {
    if (charAt(at) != 'e' && charAt(at) != 'E') {
      return false;
    }
    int digits = charAt(at + 1) == '+' || charAt(at + 1) == '-' ? at + 2 : at + 1;
    if (!isDigit(charAt(digits))) {
      return false;
    }
    at = digits;
    skipDigits();
    return true;
  }

  private Token nameOrPrefixedString() {
    int start = at;
    while (isNamePart(charAt(at))) {
      at++;
    }
    if (charAt(at) == '"' || charAt(at) == '\'') {
      String prefix = source.substring(start, at);
      if (prefix.equalsIgnoreCase("r")) {
        return string(start, /* raw= */ true);
      }
      if (prefix.equalsIgnoreCase("b") || prefix.equalsIgnoreCase("br")) {
        throw problem(start, "bytes are not part of the language");
      }
    }
    return token(Token.Kind.NAME, start);
  }

  private Token quotedName() {
    int start = at;
    int close = source.indexOf('`', start + 1);
    if (close < 0) {
      throw problem(start, "this backtick is never closed");
    }
    String name = source.substring(start + 1, close);
    if (name.isEmpty() || !name.codePoints().allMatch(Lexer::isPrintable)) {
      throw problem(start, "expected a name between the backticks");
    }
    at = close + 1;
    return new Token(Token.Kind.QUOTED_NAME, name, start, at);
  }

  private Token string(int start, boolean raw) {
    StringScanner scanner = new StringScanner(source, start, at, raw);
    String content = scanner.scan();
    at = scanner.end();
    return new Token(Token.Kind.STRING, content, start, at);
  }

  private Token operator() {
    int start = at;
    for (String operator : TWO_CHAR_OPERATORS) {
      if (source.startsWith(operator, at)) {
        at += 2;
        return new Token(Token.Kind.OPERATOR, operator, start, at);
      }
    }
    char c = source.charAt(at);
    if (ONE_CHAR_OPERATORS.indexOf(c) < 0) {
      throw problem(start, strangeCharacter(c));
    }
    at++;
    return token(Token.Kind.OPERATOR, start);
  }

  private String strangeCharacter(char c) {
    return switch (c) {
      case '=' -> "'=' is not an operator; write '=='";
      case '&' -> "'&' is not an operator; write '&&'";
      case '|' -> "'|' is not an operator; write '||'";
      default -> {
        int codePoint = source.codePointAt(at);
        yield isPrintable(codePoint)
            ? "'" + Character.toString(codePoint) + "' is not part of the language"
            : String.format("the character U+%04X is not part of the language", codePoint);
      }
    };
  }

  private static boolean isPrintable(int codePoint) {
    return !Character.isISOControl(codePoint)
        && Character.getType(codePoint) != Character.SURROGATE;
  }

  private Token token(Token.Kind kind, int start) {
    return new Token(kind, source.substring(start, at), start, at);
  }

  private ExpressionException problem(int position, String what) {
    return new ExpressionException(source, position, what);
  }

  /** Returns the char at an index, or NUL beyond the end: no token contains NUL. */
  private char charAt(int index) {
    return index < source.length() ? source.charAt(index) : '\0';
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static boolean isHexDigit(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  private static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isNamePart(char c) {
    return isNameStart(c) || isDigit(c);
  }
}
