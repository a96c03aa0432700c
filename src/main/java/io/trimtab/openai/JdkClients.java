package io.trimtab.openai;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.http.HttpClient;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Holds the one HTTP client in use, replaces it when it has lost connections, and ends it. */
final class JdkClients {
  /*
   * The JDK's client leaves a connection open, with all that was read of it, when it cannot make
   * sense of the response's headers (endless ones, too many interim responses, no HTTP at all), and
   * offers no way to close it. Only the end of the client ends such connections. So after a few of
   * them a new client takes over; the old one finishes what it carries, and ends by shutdown() from
   * JDK 21 on, before that when the garbage collector finds that nobody uses it any more.
   */

  private static final int MOST_LOST = 4;

  private static final @Nullable MethodHandle SHUTDOWN = since21("shutdown");
  private static final @Nullable MethodHandle SHUTDOWN_NOW = since21("shutdownNow");

  private final @Nullable Supplier<HttpClient> replacement;
  private volatile @Nullable HttpClient current;
  private int lost; // guarded by this

  private JdkClients(HttpClient first, @Nullable Supplier<HttpClient> replacement) {
    this.current = first;
    this.replacement = replacement;
  }

  /** Holds clients that are made here and ended here. */
  static JdkClients owned(Supplier<HttpClient> maker) {
    return new JdkClients(maker.get(), maker);
  }

  /** Holds somebody else's client, which is neither replaced nor ended. */
  static JdkClients borrowed(HttpClient client) {
    return new JdkClients(client, null);
  }

  HttpClient open() throws IOException {
    HttpClient open = current;
    if (open == null) {
      throw new IOException("the transport is closed");
    }
    return open;
  }

  /** Takes note of a connection that was left open. */
  synchronized void lostOne() {
    HttpClient old = current;
    if (replacement == null || old == null || ++lost < MOST_LOST) {
      return;
    }
    lost = 0;
    current = replacement.get();
    call(SHUTDOWN, old);
  }

  /** Ends the client if it is ours; does nothing the second time. */
  synchronized void close() {
    HttpClient closing = current;
    current = null; // before JDK 21 a client ends when it is unreachable, and in no other way
    if (replacement != null && closing != null) {
      call(SHUTDOWN_NOW, closing);
    }
  }

  private static @Nullable MethodHandle since21(String method) {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(HttpClient.class, method, MethodType.methodType(void.class));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }

  private static void call(@Nullable MethodHandle method, HttpClient client) {
    if (method == null) {
      return;
    }
    try {
      method.invokeExact(client);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("neither method declares a checked exception", e);
    }
  }
}
