package io.trimtab.openai;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;

/** The JDK's client that a transport uses, until the transport is closed. */
final class JdkClient {

  private static final @Nullable MethodHandle SHUTDOWN_NOW = since21("shutdownNow");

  private final boolean owned;
  private volatile @Nullable HttpClient open;

  private JdkClient(HttpClient client, boolean owned) {
    this.open = client;
    this.owned = owned;
  }

  /** Holds a client that ends with the transport. */
  static JdkClient owned(HttpClient client) {
    return new JdkClient(client, /* owned= */ true);
  }

  /** Holds somebody else's client, which stays open. */
  static JdkClient borrowed(HttpClient client) {
    return new JdkClient(client, /* owned= */ false);
  }

  HttpClient open() throws IOException {
    HttpClient client = open;
    if (client == null) {
      throw new IOException("the transport is closed");
    }
    return client;
  }

  /** Ends the client if it is ours; does nothing the second time. */
  void close() {
    HttpClient closing = open;
    open = null; // before JDK 21 a client ends when it is unreachable, and in no other way
    if (owned && closing != null && SHUTDOWN_NOW != null) {
      shutDown(SHUTDOWN_NOW, closing);
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

  private static void shutDown(MethodHandle method, HttpClient client) {
    try {
      method.invokeExact(client);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("it declares no checked exception", e);
    }
  }
}
