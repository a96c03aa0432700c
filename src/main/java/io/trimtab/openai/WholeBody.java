package io.trimtab.openai;

import io.trimtab.lm.LmResponse;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects a response to be read when it is whole. */
final class WholeBody implements Attempt.Body {

  /** Enough of an error to say what it is. */
  private static final int MAX_ERROR_BYTES = 256 << 10;

  private static final int FIRST_BYTES = 4096;

  private final int maxBytes;
  private Bytes bytes = new Bytes(0);
  private int status;
  private HttpHeaders headers = HttpHeaders.of(Map.of(), (name, value) -> true);

  WholeBody(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public long firstDemand() {
    return Long.MAX_VALUE;
  }

  @Override
  public void head(int status, HttpHeaders headers) throws IOException {
    this.status = status;
    this.headers = headers;
    long declared = declaredLength(headers);
    if (isSuccess(status)) {
      checkEncoding(headers);
      if (declared > maxBytes) {
        throw new BodyTooLargeException("a response of %d bytes".formatted(declared), maxBytes);
      }
    }
    // A declared length is a promise by somebody we need not believe.
    bytes = new Bytes((int) Math.min(declared < 0 ? FIRST_BYTES : declared, 64 << 10));
  }

  /**
   * Returns the declared length, or −1 if there is none; the JDK's client takes a declared −1 for
   * none.
   */
  static long declaredLength(HttpHeaders headers) throws IOException {
    String declared = headers.firstValue("content-length").orElse("");
    if (declared.isEmpty()) {
      return -1;
    }
    if (declared.length() > 18 || !declared.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IOException("expected a content length, got \"" + declared + '"');
    }
    return Long.parseLong(declared);
  }

  /** Refuses what we did not offer to decode, compressed bombs among it. */
  static void checkEncoding(HttpHeaders headers) throws IOException {
    String encoding = headers.firstValue("content-encoding").orElse("identity");
    if (!encoding.isBlank() && !encoding.equalsIgnoreCase("identity")) {
      throw new IOException("expected a plain response, got one encoded as " + encoding);
    }
  }

  static boolean isSuccess(int status) {
    return status >= 200 && status < 300;
  }

  @Override
  public boolean data(List<ByteBuffer> buffers) throws IOException {
    for (ByteBuffer buffer : buffers) {
      int room = (isSuccess(status) ? maxBytes : MAX_ERROR_BYTES) - bytes.length();
      if (buffer.remaining() > room) {
        if (isSuccess(status)) {
          throw new BodyTooLargeException("the response", maxBytes);
        }
        return false; // what came says enough
      }
      bytes.write(buffer);
    }
    return true;
  }

  @Override
  public void end() {
    // Whether the bytes make sense is judged by whoever reads them, on a thread of its own.
  }

  @Override
  public boolean isWhole() {
    return false;
  }

  /**
   * Returns what the server says about its refusal, or null if the response has a status of
   * success.
   */
  @Nullable Refusal refusal() {
    return isSuccess(status) ? null : new Refusal(status, headers, bytes);
  }

  /**
   * Reads what has been collected.
   *
   * @throws io.trimtab.lm.LmException if it is an error or no usable answer
   */
  LmResponse response(Answer answer, String model, Duration latency, Failures failures) {
    read(bytes, headers, answer, failures);
    return answer.response(model, latency, failures);
  }

  /** Reads a whole document into an answer. */
  static void read(Bytes bytes, HttpHeaders headers, Answer answer, Failures failures) {
    try {
      ChatEvent event = ChatReader.read(bytes.array(), bytes.length());
      if (event.failed) {
        throw failures.inBody(headers, event.error);
      }
      answer.add(event);
    } catch (IOException e) {
      throw failures.malformed(e);
    }
  }
}
