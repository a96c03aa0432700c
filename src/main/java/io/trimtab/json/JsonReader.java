package io.trimtab.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads one large JSON document piece by piece, so that only a piece at a time is in memory.
 *
 * <p>As strict as {@link Json}: strict UTF-8 without byte order mark, no duplicate keys, no
 * trailing text, no unpaired surrogates. Everything that is wrong with the document is a {@link
 * JsonException}; an {@link IOException} means that the stream failed.
 *
 * <pre>{@code
 * JsonReader in = JsonReader.of(stream, JsonLimits.DEFAULT);
 * in.beginObject();
 * for (String key = in.nextKey(); key != null; key = in.nextKey()) {
 *   Object value = in.value();
 * }
 * in.endDocument();
 * }</pre>
 *
 * <p>For use by one thread.
 */
public final class JsonReader implements Closeable {

  private final JsonParser parser;

  /** Whether the current token begins a value that hasNext() saw and nobody has read yet. */
  private boolean pending;

  private JsonReader(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Starts to read a document.
   *
   * @param utf8 the document; closing the reader does not close the stream
   * @param limits when to refuse
   * @return a reader before the document's first value
   * @throws IOException if the stream fails
   */
  public static JsonReader of(InputStream utf8, JsonLimits limits) throws IOException {
    Reader strict =
        new InputStreamReader(
            utf8,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    JsonFactory factory =
        Json.reader(limits).rebuild().disable(StreamReadFeature.AUTO_CLOSE_SOURCE).build();
    return new JsonReader(factory.createParser(strict));
  }

  /**
   * Enters the object that comes next.
   *
   * @throws IOException if the stream fails
   */
  public void beginObject() throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
  }

  /**
   * Enters the array that comes next.
   *
   * @throws IOException if the stream fails
   */
  public void beginArray() throws IOException {
    expect(JsonToken.START_ARRAY, "an array");
  }

  private void expect(JsonToken token, String what) throws IOException {
    JsonToken next = pending ? parser.currentToken() : next();
    pending = false;
    if (next != token) {
      throw new JsonException(
          "expected %s, got %s at %s".formatted(what, shown(next), Json.where(parser)));
    }
  }

  /**
   * Moves to the next key of the object entered last, or leaves it.
   *
   * @return the key, whose value must be read next; null at the object's end
   * @throws IOException if the stream fails
   */
  public @Nullable String nextKey() throws IOException {
    JsonToken token = next();
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    if (token != JsonToken.FIELD_NAME) {
      throw new JsonException(
          "expected a key, got %s at %s".formatted(shown(token), Json.where(parser)));
    }
    return Json.text(parser, parser.currentName());
  }

  /**
   * Moves to the next item of the array entered last, or leaves it.
   *
   * @return whether there is one, which must be read next
   * @throws IOException if the stream fails
   */
  public boolean hasNext() throws IOException {
    pending = next() != JsonToken.END_ARRAY;
    return pending;
  }

  /**
   * Reads the whole value that comes next.
   *
   * @return plain Java values as {@link Json} defines them
   * @throws IOException if the stream fails
   */
  public @Nullable Object value() throws IOException {
    if (!pending) {
      next();
    }
    pending = false;
    try {
      return Json.value(parser);
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    }
  }

  /**
   * Checks that nothing follows the value read last.
   *
   * @throws IOException if the stream fails
   */
  public void endDocument() throws IOException {
    JsonToken token;
    try {
      token = parser.nextToken();
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    }
    if (token != null) {
      throw new JsonException("unexpected text after the document at " + Json.where(parser));
    }
  }

  private JsonToken next() throws IOException {
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new JsonException("the document ends too early at " + Json.where(parser));
      }
      return token;
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    }
  }

  private static JsonException malformed(JsonProcessingException e) {
    return new JsonException(e.getOriginalMessage() + " at " + Json.where(e.getLocation()), e);
  }

  private static JsonException notUtf8(CharacterCodingException e) {
    return new JsonException("document is not valid UTF-8: " + e.getMessage(), e);
  }

  private static String shown(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case END_OBJECT -> "the end of an object";
      case END_ARRAY -> "the end of an array";
      case FIELD_NAME -> "a key";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "something else";
    };
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
