package io.trimtab.openai;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Cuts a byte stream into server-sent events, however the bytes happen to be chunked. */
final class SseParser {
  /*
   * WHATWG HTML, section 9.2.6 "Interpreting an event stream", with two differences. An event the
   * server did not end with a blank line before closing is delivered, not dropped: several
   * servers end that way, and whether the answer is complete is decided by its finish reason, not
   * by a newline. And bytes that are not UTF-8 are an error of whoever reads the event, instead
   * of U+FFFD. Lines end in LF, CRLF or CR. One line, and one event, is bounded.
   */

  /** Takes events in order. */
  interface Handler {
    /**
     * Takes one event.
     *
     * @param name the event's type; empty if the server named none
     * @param data the data lines joined by LF, valid during the call only
     * @param length how many bytes of {@code data} count
     * @throws IOException if the event makes no sense; the stream is then given up
     */
    void event(String name, byte[] data, int length) throws IOException;
  }

  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Handler handler;
  private final int maxEventBytes;
  private final Bytes line = new Bytes(512);
  private final Bytes data = new Bytes(512);
  private String name = "";
  private boolean firstLine = true;
  private boolean afterCr;

  SseParser(int maxEventBytes, Handler handler) {
    this.maxEventBytes = maxEventBytes;
    this.handler = handler;
  }

  /**
   * Takes the next bytes and delivers the events they complete.
   *
   * @throws IOException if a line or an event exceeds the bound, or the handler refuses an event
   */
  void feed(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (b == '\n' && afterCr) {
        afterCr = false;
        continue;
      }
      afterCr = b == '\r';
      if (b == '\n' || b == '\r') {
        endLine();
      } else {
        if (line.length() >= maxEventBytes) {
          throw new BodyTooLargeException("a line of the event stream", maxEventBytes);
        }
        line.write(b);
      }
    }
  }

  /**
   * Takes the end of the stream: a last line without newline counts, and so does a last event
   * without blank line.
   */
  void end() throws IOException {
    if (line.length() > 0) {
      endLine();
    }
    dispatch();
  }

  private void endLine() throws IOException {
    int start = firstLine && startsWith(line.array(), line.length(), BOM) ? BOM.length : 0;
    firstLine = false;
    if (line.length() == start) {
      dispatch();
    } else {
      field(line.array(), start, line.length());
    }
    line.clear();
  }

  private void field(byte[] bytes, int start, int end) throws IOException {
    int colon = start;
    while (colon < end && bytes[colon] != ':') {
      colon++;
    }
    int value = Math.min(colon + 1, end);
    if (value < end && bytes[value] == ' ') {
      value++;
    }
    if (named(DATA, bytes, start, colon)) {
      if (data.length() + (end - value) > maxEventBytes) {
        throw new BodyTooLargeException("an event of the event stream", maxEventBytes);
      }
      data.write(bytes, value, end - value);
      data.write('\n');
    } else if (named(EVENT, bytes, start, colon)) {
      name = new String(bytes, value, end - value, StandardCharsets.UTF_8);
    }
    // A line that starts with a colon is a comment; "id", "retry" and unknown fields say nothing to
    // us.
  }

  private void dispatch() throws IOException {
    if (data.length() > 0) {
      data.chop();
      handler.event(name, data.array(), data.length());
    }
    data.clear();
    name = "";
  }

  private static boolean named(byte[] field, byte[] bytes, int start, int end) {
    return end - start == field.length && Arrays.equals(field, 0, field.length, bytes, start, end);
  }

  private static boolean startsWith(byte[] bytes, int length, byte[] prefix) {
    return length >= prefix.length
        && Arrays.equals(prefix, 0, prefix.length, bytes, 0, prefix.length);
  }
}
