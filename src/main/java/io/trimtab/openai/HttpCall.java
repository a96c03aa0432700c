package io.trimtab.openai;

import java.net.URI;
import java.util.Map;

/**
 * One POST as a {@link Transport} has to send it. Its headers hold the key, so it prints without
 * them.
 *
 * <p>Immutable as long as nobody writes to the body's array.
 */
public final class HttpCall {

  private final URI uri;
  private final Map<String, String> headers;
  private final byte[] body;
  private final int length;
  private final long headerNanos;

  HttpCall(URI uri, Map<String, String> headers, byte[] body, int length, long headerNanos) {
    this.uri = uri;
    this.headers = headers;
    this.body = body;
    this.length = length;
    this.headerNanos = headerNanos;
  }

  /**
   * Returns where to send it. The query may hold a credential, so do not print it.
   *
   * @return an absolute http or https URI
   */
  public URI uri() {
    return uri;
  }

  /**
   * Returns the headers to send besides those the transport itself is in charge of.
   *
   * @return an unmodifiable map; the values may hold a credential
   */
  public Map<String, String> headers() {
    return headers;
  }

  /**
   * Returns the array that starts with the body.
   *
   * @return the array itself, which may be longer than the body; not to be written to
   */
  public byte[] body() {
    return body;
  }

  /**
   * Returns how many bytes of {@link #body()} are the body.
   *
   * @return the length, at least 0
   */
  public int length() {
    return length;
  }

  /** Returns how long the response's headers may take, for transports that block until then. */
  long headerNanos() {
    return headerNanos;
  }

  @Override
  public String toString() {
    return "POST %s://%s%s (%d bytes)"
        .formatted(uri.getScheme(), uri.getHost(), uri.getPath(), length);
  }
}
