package io.trimtab.openai;

import io.trimtab.lm.LmResponse;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a streamed response while it arrives. */
final class StreamBody implements Attempt.Body {
  /*
   * The first byte that is not white space decides what it is: a server that does not stream
   * answers with one JSON document, and an event stream cannot begin with a brace. The answer is
   * whole when the server says [DONE], or when every completion has a finish reason and the
   * server has hung up. One that stops before is an error, however cleanly it closed the
   * connection.
   *
   * The transport's signals are serial, but the watchdog may end the attempt while one is under
   * way; hence the lock.
   */

  private static final int UNDECIDED = 0;
  private static final int EVENTS = 1;
  private static final int DOCUMENT = 2;

  /** A stream spends some 300 bytes on a word, none of which are kept. */
  private static final int WIRE_FACTOR = 16;

  private static final String DONE = "[DONE]";
  private static final int MAX_ERROR_BYTES = 256 << 10;

  private final Answer answer;
  private final Failures failures;
  private final int maxBytes;
  private final SseParser events;
  private final Runnable onProgress;
  private int status;
  private HttpHeaders headers = HttpHeaders.of(Map.of(), (name, value) -> true);
  private int kind = UNDECIDED;
  private @Nullable Bytes document;
  private long received;
  private boolean anyEvent;
  private volatile boolean done;
  private volatile boolean whole; // what the watchdog may look at without our lock

  /**
   * Creates a reader of one stream.
   *
   * @param answer is filled
   * @param failures makes exceptions
   * @param maxBytes bounds a document, an event, and with a factor the stream
   * @param onProgress is told after each batch of bytes
   */
  StreamBody(Answer answer, Failures failures, int maxBytes, Runnable onProgress) {
    this.answer = answer;
    this.failures = failures;
    this.maxBytes = maxBytes;
    this.onProgress = onProgress;
    this.events = new SseParser(maxBytes, this::event);
  }

  @Override
  public long firstDemand() {
    return 1;
  }

  @Override
  public void head(int status, HttpHeaders headers) throws IOException {
    this.status = status;
    this.headers = headers;
    if (WholeBody.isSuccess(status)) {
      WholeBody.checkEncoding(headers);
      WholeBody.declaredLength(headers); // refuses nonsense
    } else {
      kind = DOCUMENT;
    }
  }

  @Override
  public synchronized boolean data(List<ByteBuffer> buffers) throws IOException {
    for (ByteBuffer buffer : buffers) {
      received += buffer.remaining();
      if (received > (long) maxBytes * WIRE_FACTOR) {
        throw new BodyTooLargeException("the event stream", (long) maxBytes * WIRE_FACTOR);
      }
      if (done) {
        continue; // whatever follows [DONE]
      }
      if (kind == UNDECIDED) {
        decide(buffer);
      }
      if (kind == EVENTS) {
        events.feed(buffer);
      } else if (kind == DOCUMENT && !keep(buffer)) {
        return false;
      }
    }
    whole = WholeBody.isSuccess(status) && (done || answer.isFinished());
    onProgress.run();
    return true;
  }

  private void decide(ByteBuffer buffer) {
    for (int i = buffer.position(); i < buffer.limit(); i++) {
      byte b = buffer.get(i);
      boolean mark = b == (byte) 0xEF || b == (byte) 0xBB || b == (byte) 0xBF;
      if (!mark && b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        kind = b == '{' || b == '[' ? DOCUMENT : EVENTS;
        return;
      }
    }
    buffer.position(buffer.limit()); // only white space or a byte order mark so far
  }

  private boolean keep(ByteBuffer buffer) throws IOException {
    Bytes kept = document;
    if (kept == null) {
      kept = new Bytes(Math.max(1024, buffer.remaining()));
      document = kept;
    }
    boolean success = WholeBody.isSuccess(status);
    if (buffer.remaining() > (success ? maxBytes : MAX_ERROR_BYTES) - kept.length()) {
      if (success) {
        throw new BodyTooLargeException("the response", maxBytes);
      }
      return false; // what came says enough
    }
    kept.write(buffer);
    return true;
  }

  private void event(String name, byte[] data, int length) throws IOException {
    if (done || isBlank(data, length)) {
      return;
    }
    anyEvent = true;
    if (isDone(data, length)) {
      done = true;
      return;
    }
    ChatEvent event = ChatReader.read(data, length);
    if (event.failed) {
      throw failures.inBody(headers, event.error);
    }
    if (name.equals("error")) {
      throw failures.inBody(headers, ErrorBody.tree(data, length));
    }
    answer.add(event);
  }

  private static boolean isDone(byte[] data, int length) {
    return length >= DONE.length()
        && length < 64
        && new String(data, 0, length, StandardCharsets.ISO_8859_1).strip().equals(DONE);
  }

  private static boolean isBlank(byte[] data, int length) {
    for (int i = 0; i < length; i++) {
      if (data[i] != ' ') {
        return false;
      }
    }
    return true;
  }

  @Override
  public synchronized void end() throws IOException {
    if (kind == EVENTS && !done) {
      events.end();
    }
    if (!WholeBody.isSuccess(status)) {
      return; // refusal() tells
    }
    if (kind == DOCUMENT) {
      WholeBody.read(document == null ? new Bytes(0) : document, headers, answer, failures);
      done = true;
    }
    if (kind != DOCUMENT && !anyEvent) {
      throw failures.malformed(
          "the response cannot be used: expected an event stream, got nothing of one");
    }
    if (!done && !answer.isFinishedAsFarAsBegun()) {
      throw failures.truncated(
          "the stream ended early: expected a finish reason or [DONE], got the connection's end");
    }
  }

  /**
   * Returns what the server says about its refusal, or null if the response has a status of
   * success.
   */
  synchronized @Nullable Refusal refusal() {
    if (status == 0 || WholeBody.isSuccess(status)) {
      return null;
    }
    return new Refusal(status, headers, document == null ? new Bytes(0) : document);
  }

  /** Returns the whole response; see {@link Answer#response}. */
  synchronized LmResponse response(String model, Duration latency) {
    return answer.response(model, latency, failures);
  }

  /** Tells whether nothing but the end of the connection can still come. */
  boolean isDone() {
    return done;
  }

  @Override
  public boolean isWhole() {
    return whole;
  }
}
