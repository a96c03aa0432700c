package io.trimtab.program;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON that language models write, which is not always JSON. */
final class LenientJson {
  /*
   * Strict JSON is tried first. Then a recursive descent that forgives what models do: code fences and prose around
   * the value, single quotes, bare keys, Python's True/False/None, trailing and missing commas, comments, raw line
   * breaks in strings, and an end that was cut off. A bare word is no value: for plain text the caller keeps the text.
   * Linear in the text's length, nesting bounded.
   */

  private static final JsonLimits LIMITS = new JsonLimits(8L << 20, 64, 8 << 20, 1L << 20);
  private static final int MAX_DEPTH = 64;

  /** Thrown inside only. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable() {
      super("not JSON", null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
    }
  }

  /**
   * The outcome, because null is a value.
   *
   * @param value what was read
   */
  record Parsed(@Nullable Object value) {}

  private final String text;
  private int at;
  private int depth;

  private LenientJson(String text, int at) {
    this.text = text;
    this.at = at;
  }

  /** Returns the value the whole text stands for, or null if it is no JSON even with good will. */
  static @Nullable Parsed parse(String raw) {
    String text = unfenced(raw.strip());
    if (text.isEmpty()) {
      return null;
    }
    try {
      return new Parsed(Json.parse(text, LIMITS));
    } catch (JsonException e) {
      return lenient(text);
    }
  }

  /** Returns the first object in the text, or null if there is none. */
  static @Nullable Map<?, ?> firstObject(String raw) {
    Parsed whole = parse(raw);
    if (whole != null && whole.value() instanceof Map<?, ?> map) {
      return map;
    }
    int tries = 0;
    for (int open = raw.indexOf('{');
        open >= 0 && tries < MAX_DEPTH;
        open = raw.indexOf('{', open + 1), tries++) {
      try {
        if (new LenientJson(raw, open).value() instanceof Map<?, ?> map && !map.isEmpty()) {
          return map;
        }
      } catch (Unreadable e) {
        // the next brace may open the object
      }
    }
    return null;
  }

  private static @Nullable Parsed lenient(String text) {
    LenientJson reader = new LenientJson(text, 0);
    try {
      Object value = reader.value();
      reader.skipSpace();
      return reader.at < text.length() ? null : new Parsed(value);
    } catch (Unreadable e) {
      return null;
    }
  }

  private static String unfenced(String text) {
    if (!text.startsWith("```")) {
      return text;
    }
    int firstBreak = text.indexOf('\n');
    int close = text.lastIndexOf("```");
    return firstBreak < 0 || close <= firstBreak
        ? text
        : text.substring(firstBreak + 1, close).strip();
  }

  private @Nullable Object value() {
    skipSpace();
    char c = peek();
    if (c == '{') {
      return object();
    }
    if (c == '[' || c == '(') {
      return array(c == '[' ? ']' : ')');
    }
    if (c == '"' || c == '\'') {
      return string(c);
    }
    return scalar();
  }

  private Map<String, @Nullable Object> object() {
    enter();
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    at++;
    while (more('}')) {
      char c = peek();
      String key = c == '"' || c == '\'' ? string(c) : bareKey();
      skipSpace();
      if (peek() != ':') {
        throw new Unreadable();
      }
      at++;
      skipSpace();
      map.putIfAbsent(key, at >= text.length() ? null : value());
    }
    depth--;
    return Collections.unmodifiableMap(map);
  }

  private List<@Nullable Object> array(char close) {
    enter();
    List<@Nullable Object> list = new ArrayList<>();
    at++;
    while (more(close)) {
      list.add(value());
    }
    depth--;
    return Collections.unmodifiableList(list);
  }

  /** Skips separators; false after the closing character or at the end of a text cut off. */
  private boolean more(char close) {
    skipSpace();
    while (peek() == ',') {
      at++;
      skipSpace();
    }
    if (peek() == close) {
      at++;
      return false;
    }
    return at < text.length();
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw new Unreadable();
    }
  }

  private String bareKey() {
    int start = at;
    while (Character.isLetterOrDigit(peek()) || peek() == '_' || peek() == '-') {
      at++;
    }
    if (start == at) {
      throw new Unreadable();
    }
    return text.substring(start, at);
  }

  private String string(char quote) {
    StringBuilder out = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        return out.toString();
      }
      if (c == '\\' && at < text.length()) {
        escape(out);
      } else {
        out.append(c);
      }
    }
    return out.toString(); // cut off: what there is
  }

  private void escape(StringBuilder out) {
    char c = text.charAt(at++);
    switch (c) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'u' -> {
        try {
          out.append(
              (char) Integer.parseInt(text.substring(at, Math.min(at + 4, text.length())), 16));
          at += 4;
        } catch (NumberFormatException e) {
          throw new Unreadable();
        }
      }
      default -> out.append(c);
    }
  }

  private @Nullable Object scalar() {
    int start = at;
    while (at < text.length() && ",]}):\n\r\t #".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    return switch (word) {
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      case "null", "None", "NULL" -> null;
      default -> number(word);
    };
  }

  private static Object number(String word) {
    boolean numeric = !word.isEmpty() && "+-.0123456789".indexOf(word.charAt(0)) >= 0;
    if (!numeric || !Character.isDigit(word.charAt(word.length() - 1))) {
      throw new Unreadable();
    }
    try {
      return Long.valueOf(word);
    } catch (NumberFormatException e) {
      return decimal(word);
    }
  }

  private static Object decimal(String word) {
    try {
      return Double.valueOf(word);
    } catch (NumberFormatException e) {
      throw new Unreadable();
    }
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#' || text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else {
        return;
      }
    }
  }
}
