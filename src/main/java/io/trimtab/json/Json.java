package io.trimtab.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses and writes JSON (RFC 8259) as plain Java values.
 *
 * <p>An object is an unmodifiable {@code Map<String, Object>} in document order, an array an
 * unmodifiable {@code List}, a number without fraction and exponent a {@link Long}, every other
 * number a {@link Double}; strings, booleans and {@code null} are themselves. Stricter than most
 * parsers: duplicate keys, trailing text, unpaired surrogates, malformed UTF-8, integers beyond 64
 * bits and numbers beyond the doubles are refused with a {@link JsonException}.
 *
 * <pre>{@code
 * Object tree = Json.parse("{\"a\": [1, 2.5]}");        // {a=[1, 2.5]}
 * String text = Json.write(Map.of("a", List.of(1L)));   // {"a":[1]}
 * }</pre>
 *
 * <p>All methods are safe for use by many threads at once.
 */
public final class Json {
  /*
   * Only jackson-core's streaming parser is used: no data binding, hence no polymorphic types to attack. Bytes are
   * decoded by our own strict decoder first, because Jackson guesses UTF-16/32 and lets overlong UTF-8 through.
   */

  static final JsonFactory WRITER =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
  private static final JsonFactory READER = reader(JsonLimits.DEFAULT);

  private Json() {}

  /**
   * Parses one document under {@link JsonLimits#DEFAULT}.
   *
   * @param text the document
   * @return its value as plain Java values
   * @throws JsonException if the text is not valid JSON or exceeds a limit
   */
  public static @Nullable Object parse(String text) {
    return parse(text, JsonLimits.DEFAULT);
  }

  /**
   * Parses one document under the given limits.
   *
   * @param text the document
   * @param limits when to refuse
   * @return its value as plain Java values
   * @throws JsonException if the text is not valid JSON or exceeds a limit
   */
  public static @Nullable Object parse(String text, JsonLimits limits) {
    if (text.length() > limits.maxLength()) {
      throw new JsonException(
          "document has %d characters, more than the %d allowed"
              .formatted(text.length(), limits.maxLength()));
    }
    JsonFactory factory = limits.equals(JsonLimits.DEFAULT) ? READER : reader(limits);
    try (JsonParser parser = factory.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new JsonException("document is empty, expected a JSON value");
      }
      Object value = value(parser);
      if (parser.nextToken() != null) {
        throw new JsonException("unexpected text after the document at " + where(parser));
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new JsonException(e.getOriginalMessage() + " at " + where(e.getLocation()), e);
    } catch (IOException e) {
      throw new AssertionError("a String cannot fail to be read", e);
    }
  }

  /**
   * Parses one document of strict UTF-8 under the given limits.
   *
   * @param utf8 the document's bytes, without byte order mark
   * @param limits when to refuse
   * @return its value as plain Java values
   * @throws JsonException if the bytes are not UTF-8, not valid JSON, or exceed a limit
   */
  public static @Nullable Object parse(byte[] utf8, JsonLimits limits) {
    // A character takes at most four bytes, so this bound never refuses what the character limit
    // would accept.
    if (utf8.length / 4 > limits.maxLength()) {
      throw new JsonException(
          "document has %d bytes, more than %d characters can take"
              .formatted(utf8.length, limits.maxLength()));
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(utf8))
              .toString();
      return parse(text, limits);
    } catch (CharacterCodingException e) {
      throw new JsonException("document is not valid UTF-8: " + e.getMessage(), e);
    }
  }

  /**
   * Parses a document that must be an object.
   *
   * @param text the document
   * @param limits when to refuse
   * @return a reader over the object whose errors name the path
   * @throws JsonException if the text is not a JSON object or exceeds a limit
   */
  public static JsonObject parseObject(String text, JsonLimits limits) {
    return JsonObject.of(parse(text, limits), "$");
  }

  /**
   * Writes a value on one line.
   *
   * @param tree a map with string keys, list, string, boolean, integer, finite double, or null,
   *     nested to a depth of at most 1000
   * @return the JSON text
   * @throws IllegalArgumentException if a value has no JSON form, such as NaN, a text with an
   *     unpaired surrogate, a foreign type or a deeper nesting
   */
  public static String write(@Nullable Object tree) {
    return write(tree, /* pretty= */ false);
  }

  /**
   * Writes a value with two-space indentation, for people to read.
   *
   * @param tree as for {@link #write(Object)}
   * @return the JSON text, without a newline at its end
   * @throws IllegalArgumentException if a value has no JSON form
   */
  public static String writePretty(@Nullable Object tree) {
    return write(tree, /* pretty= */ true);
  }

  private static String write(@Nullable Object tree, boolean pretty) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = WRITER.createGenerator(out)) {
      if (pretty) {
        DefaultIndenter indent = new DefaultIndenter("  ", "\n");
        generator.setPrettyPrinter(
            new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent));
      }
      write(generator, tree);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + e.getMessage(), e);
    }
    return out.toString();
  }

  static void write(JsonGenerator out, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof String text) {
      out.writeString(encodable(text));
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else if (value instanceof Long || value instanceof Integer || value instanceof Short) {
      out.writeNumber(((Number) value).longValue());
    } else if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (!Double.isFinite(number)) {
        throw new IllegalArgumentException("JSON has no form for the number " + number);
      }
      out.writeNumber(number);
    } else if (value instanceof Map<?, ?> map) {
      out.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String key)) {
          throw new IllegalArgumentException("JSON keys are strings, got " + entry.getKey());
        }
        out.writeFieldName(encodable(key));
        write(out, entry.getValue());
      }
      out.writeEndObject();
    } else if (value instanceof Iterable<?> items) {
      out.writeStartArray();
      for (Object item : items) {
        write(out, item);
      }
      out.writeEndArray();
    } else {
      throw new IllegalArgumentException(
          "JSON has no form for a " + value.getClass().getName() + ": " + value);
    }
  }

  private static String encodable(String text) {
    if (hasUnpairedSurrogate(text)) {
      throw new IllegalArgumentException("JSON has no form for a text with an unpaired surrogate");
    }
    return text;
  }

  static JsonFactory reader(JsonLimits limits) {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxDocumentLength(limits.maxLength())
                .maxNestingDepth(limits.maxDepth())
                .maxStringLength(limits.maxStringLength())
                .maxTokenCount(limits.maxTokens())
                .maxNameLength(1024)
                .maxNumberLength(1000)
                .build())
        .build();
  }

  static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> text(parser, parser.getText());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> decimal(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new JsonException("unexpected " + token + " at " + where(parser));
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = text(parser, parser.currentName());
      parser.nextToken();
      map.put(key, value(parser));
    }
    return Collections.unmodifiableMap(map);
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser));
    }
    return Collections.unmodifiableList(list);
  }

  private static Object integer(JsonParser parser) throws IOException {
    String digits = parser.getText();
    if (digits.equals("-0")) {
      return -0.0; // as a Long the sign would be lost
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new JsonException(
          "integer %s does not fit 64 bits at %s".formatted(shortened(digits), where(parser)), e);
    }
  }

  private static Double decimal(JsonParser parser) throws IOException {
    double number = Double.parseDouble(parser.getText());
    if (Double.isInfinite(number)) {
      throw new JsonException(
          "number %s is beyond the doubles at %s"
              .formatted(shortened(parser.getText()), where(parser)));
    }
    return number;
  }

  private static String shortened(String number) {
    return number.length() <= 40 ? number : number.substring(0, 37) + "...";
  }

  static String text(JsonParser parser, String text) {
    if (hasUnpairedSurrogate(text)) {
      throw new JsonException("unpaired surrogate in a string at " + where(parser));
    }
    return text;
  }

  private static boolean hasUnpairedSurrogate(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < length
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  static String where(JsonParser parser) {
    return where(parser.currentLocation());
  }

  static String where(@Nullable JsonLocation location) {
    return location == null
        ? "an unknown place"
        : "line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }
}
