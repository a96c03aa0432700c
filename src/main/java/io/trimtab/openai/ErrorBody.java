package io.trimtab.openai;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a server says about a failure, whichever of the many forms it says it in.
 *
 * @param message the server's words, shortened; empty if it said nothing
 * @param type the kind of error, or null
 * @param code the error's code as text, or null
 * @param param the request's field at fault, or null
 */
record ErrorBody(
    String message, @Nullable String type, @Nullable String code, @Nullable String param) {
  /*
   * Seen in the wild: {"error": {message, type, param, code}} (OpenAI, most); {"error": "text"}
   * (Ollama); {"object": "error", message, code: 400} (older vLLM); {"detail": "text"} and
   * {"detail": [{loc, msg, input}]} (FastAPI; input echoes the prompt, so it is left out);
   * [{"error": {...}}] (Google); {"message": "text"}; {"errors": [...]}; plain text; an HTML
   * page; nothing at all.
   */

  private static final int MAX_MESSAGE = 500;
  private static final JsonLimits LIMITS = new JsonLimits(1 << 20, 64, 1 << 20, 100_000);
  private static final Pattern TITLE =
      Pattern.compile("<title[^>]{0,200}>([^<]{1,300})</title", Pattern.CASE_INSENSITIVE);
  private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cntrl}]+");

  static final ErrorBody NONE = new ErrorBody("", null, null, null);

  /** Reads the body of a response that failed. */
  static ErrorBody read(byte[] bytes, int length) {
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8); // for people, so leniently
    if (text.isBlank()) {
      return NONE;
    }
    Object tree = tree(bytes, length);
    return tree == null || tree.equals(text)
        ? new ErrorBody(page(text), null, null, null)
        : of(tree);
  }

  /** Parses an error, or returns its text if it is no JSON. */
  static @Nullable Object tree(byte[] bytes, int length) {
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    try {
      return Json.parse(text, LIMITS);
    } catch (JsonException e) {
      return text;
    }
  }

  /** Reads an error from a parsed document, or from the value of its "error" field. */
  static ErrorBody of(@Nullable Object tree) {
    if (tree instanceof String text) {
      return new ErrorBody(shortened(text), null, null, null);
    }
    if (tree instanceof List<?> list) {
      return list.isEmpty() ? NONE : of(list.get(0));
    }
    if (!(tree instanceof Map<?, ?> map)) {
      return NONE;
    }
    for (String nested : List.of("error", "errors", "detail")) {
      Object inner = map.get(nested);
      if (inner instanceof List<?> list && nested.equals("detail")) {
        return details(list);
      }
      if (inner != null) {
        return of(inner).withFallbacks(text(map.get("type")), text(map.get("code")));
      }
    }
    String message = firstText(map, "message", "msg", "error_description", "title");
    return new ErrorBody(
        message == null ? "" : shortened(message),
        text(map.get("type")),
        codeOf(map),
        text(map.get("param")));
  }

  private static @Nullable String codeOf(Map<?, ?> map) {
    // Azure hides the telling code one level further down.
    if (map.get("innererror") instanceof Map<?, ?> inner && text(inner.get("code")) != null) {
      return text(inner.get("code"));
    }
    return text(map.get("code"));
  }

  private ErrorBody withFallbacks(@Nullable String outerType, @Nullable String outerCode) {
    return new ErrorBody(
        message, type == null ? outerType : type, code == null ? outerCode : code, param);
  }

  private static ErrorBody details(List<?> list) {
    String message =
        list.stream()
            .limit(5)
            .map(item -> item instanceof Map<?, ?> map ? detail(map) : String.valueOf(item))
            .collect(Collectors.joining("; "));
    String param =
        list.size() == 1
                && list.get(0) instanceof Map<?, ?> only
                && only.get("loc") instanceof List<?> loc
                && !loc.isEmpty()
            ? String.valueOf(loc.get(loc.size() - 1))
            : null;
    return new ErrorBody(shortened(message), null, null, param);
  }

  private static String detail(Map<?, ?> map) {
    String where =
        map.get("loc") instanceof List<?> loc
            ? loc.stream().map(String::valueOf).collect(Collectors.joining(".")) + ": "
            : "";
    return where + firstText(map, "msg", "message", "type");
  }

  private static @Nullable String firstText(Map<?, ?> map, String... keys) {
    for (String key : keys) {
      if (map.get(key) instanceof String text && !text.isBlank()) {
        return text;
      }
    }
    return null;
  }

  /** Codes come as text and as numbers. */
  private static @Nullable String text(@Nullable Object value) {
    if (value instanceof Double number && number == Math.rint(number)) {
      return String.valueOf(number.longValue());
    }
    return value instanceof String || value instanceof Number ? String.valueOf(value) : null;
  }

  private static String page(String text) {
    if (!text.stripLeading().startsWith("<")) {
      return shortened(text);
    }
    var title = TITLE.matcher(text.length() > 65_536 ? text.substring(0, 65_536) : text);
    return title.find() ? "an HTML page: " + shortened(title.group(1)) : "an HTML page";
  }

  private static String shortened(String text) {
    String head = text.length() > 4 * MAX_MESSAGE ? text.substring(0, 4 * MAX_MESSAGE) : text;
    String line = BLANKS.matcher(head).replaceAll(" ").strip();
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE - 3) + "...";
  }

  boolean isCode(String... names) {
    for (String name : names) {
      if (name.equalsIgnoreCase(code) || name.equalsIgnoreCase(type)) {
        return true;
      }
    }
    return false;
  }

  boolean says(String... phrases) {
    String lower = message.toLowerCase(Locale.ROOT);
    for (String phrase : phrases) {
      if (lower.contains(phrase)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the HTTP status the error claims in its code, or 0: gateways answer 200 and put the
   * real one here.
   */
  int claimedStatus() {
    return code != null && code.matches("[45]\\d\\d") ? Integer.parseInt(code) : 0;
  }
}
