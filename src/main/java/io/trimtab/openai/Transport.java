package io.trimtab.openai;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * Carries one HTTP POST to a server and its response back, byte for byte; write one to put another
 * HTTP client in place of the JDK's.
 *
 * <p>Everything that has to be right for every client is done above this interface: deadlines,
 * bounds on size, character decoding, errors by status. A transport connects, pools connections,
 * and moves bytes.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once. A {@link Receiver} is signalled
 * serially, on any thread.
 *
 * <p><b>Redirects</b> are never followed: the key would go to whatever host the server names. A
 * response with status 3xx is delivered like any other.
 *
 * <p><b>Retries.</b> None, with one exception: a request that died on a pooled connection before a
 * single byte of the response had come may be sent once more, at once.
 *
 * <p><b>Bodies</b> are delivered as they arrive, never collected, and not decompressed.
 *
 * <p><b>Closing.</b> {@link #close} is idempotent, ends open exchanges and leaves no thread behind
 * that would keep the JVM alive.
 */
public interface Transport extends AutoCloseable {

  /**
   * Sends a request and returns at once.
   *
   * @param call what to send
   * @param receiver who is told about the exchange; nothing is thrown, failures go to {@link
   *     Receiver#failed}
   */
  void start(HttpCall call, Receiver receiver);

  /**
   * Sends a request for a caller that has nothing to do but wait. A transport that is faster when
   * it may block the calling thread overrides this; it then returns no earlier than the last
   * signal. The default is {@link #start}.
   *
   * @param call what to send
   * @param receiver who is told about the exchange
   * @throws InterruptedException if the thread was interrupted; the exchange is then cancelled
   */
  default void run(HttpCall call, Receiver receiver) throws InterruptedException {
    start(call, receiver);
  }

  /** Ends open exchanges and frees connections and threads; does nothing the second time. */
  @Override
  void close();

  /**
   * Is told about one exchange: {@code started}, then at most one {@code head}, then any number of
   * {@code data}, then {@code end} or {@code failed}. Methods return quickly and do not throw.
   */
  interface Receiver {

    /**
     * Tells that the exchange exists, before anything is sent.
     *
     * @param exchange {@code request(n)} asks for {@code n} further {@code data} signals, of which
     *     none comes unasked; {@code cancel()} closes the exchange and its connection promptly, in
     *     whatever phase it is
     */
    void started(Flow.Subscription exchange);

    /**
     * Takes the response's status and headers.
     *
     * @param status the status code
     * @param headers the headers
     */
    void head(int status, HttpHeaders headers);

    /**
     * Takes the next bytes of the body.
     *
     * @param bytes buffers that belong to the receiver until it returns
     */
    void data(List<ByteBuffer> bytes);

    /** Takes the end of a body that arrived whole, as far as its framing can tell. */
    void end();

    /**
     * Takes the failure that ended the exchange.
     *
     * @param cause what went wrong
     */
    void failed(IOException cause);
  }
}
