package io.trimtab.json;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one large JSON document piece by piece, so that only a piece at a time is in memory.
 *
 * <pre>{@code
 * try (JsonWriter out = JsonWriter.of(stream)) {
 *   out.beginObject().key("items").beginArray();
 *   out.value(1L).value("two");
 *   out.endArray().endObject();
 * }
 * }</pre>
 *
 * <p>For use by one thread.
 */
public final class JsonWriter implements Closeable {

  private final JsonGenerator generator;

  private JsonWriter(JsonGenerator generator) {
    this.generator = generator;
  }

  /**
   * Starts to write a document as UTF-8 on one line.
   *
   * @param utf8 where it goes; closing the writer flushes but does not close the stream
   * @return a writer before the document's first value
   * @throws IOException if the stream fails
   */
  public static JsonWriter of(OutputStream utf8) throws IOException {
    return new JsonWriter(Json.WRITER.createGenerator(utf8));
  }

  /**
   * Begins an object.
   *
   * @return this writer
   * @throws IOException if the stream fails
   */
  public JsonWriter beginObject() throws IOException {
    generator.writeStartObject();
    return this;
  }

  /**
   * Ends the object begun last.
   *
   * @return this writer
   * @throws IOException if the stream fails
   */
  public JsonWriter endObject() throws IOException {
    generator.writeEndObject();
    return this;
  }

  /**
   * Begins an array.
   *
   * @return this writer
   * @throws IOException if the stream fails
   */
  public JsonWriter beginArray() throws IOException {
    generator.writeStartArray();
    return this;
  }

  /**
   * Ends the array begun last.
   *
   * @return this writer
   * @throws IOException if the stream fails
   */
  public JsonWriter endArray() throws IOException {
    generator.writeEndArray();
    return this;
  }

  /**
   * Writes a key, whose value must be written next.
   *
   * @param key the key
   * @return this writer
   * @throws IOException if the stream fails
   */
  public JsonWriter key(String key) throws IOException {
    generator.writeFieldName(key);
    return this;
  }

  /**
   * Writes a whole value.
   *
   * @param tree as for {@link Json#write(Object)}
   * @return this writer
   * @throws IOException if the stream fails
   * @throws IllegalArgumentException if the value has no JSON form
   */
  public JsonWriter value(@Nullable Object tree) throws IOException {
    Json.write(generator, tree);
    return this;
  }

  @Override
  public void close() throws IOException {
    generator.close();
  }
}
