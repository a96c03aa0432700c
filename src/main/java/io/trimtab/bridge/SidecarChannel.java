package io.trimtab.bridge;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A channel to wherever the sidecar listens now. */
final class SidecarChannel extends Channel {
  /*
   * gRPC backs off for up to two minutes after a connection failed; only resetConnectBackoff() cuts that, hence the call
   * whenever we know that the other side is back. Keepalive is a backstop: gRPC refuses to ping more often than every
   * 10 s, too rarely to notice a stopped process, which application heartbeats do.
   */

  static final int MAX_MESSAGE_BYTES = 64 << 20;

  /**
   * Netty warns on every Unix socket that it has no SO_KEEPALIVE; held, or the level would be lost
   * with the logger.
   */
  private static final Logger NETTY_BOOTSTRAP =
      Logger.getLogger("io.grpc.netty.shaded.io.netty.bootstrap");

  private final Function<String, ManagedChannelBuilder<?>> builders;
  private volatile @Nullable ManagedChannel current;
  private @Nullable String address; // guarded by this

  SidecarChannel(Function<String, ManagedChannelBuilder<?>> builders) {
    this.builders = builders;
  }

  static ManagedChannelBuilder<?> plaintext(String address) {
    return Grpc.newChannelBuilder(target(address), InsecureChannelCredentials.create());
  }

  /**
   * Returns an address as gRPC wants it: the handshake's {@code tcp:} is plain host and port there.
   */
  static String target(String address) {
    return address.startsWith("tcp:") ? address.substring("tcp:".length()) : address;
  }

  synchronized void pointTo(String next) {
    ManagedChannel before = current;
    if (before != null && next.equals(address)) {
      reconnectNow();
      return;
    }
    NETTY_BOOTSTRAP.setLevel(Level.SEVERE);
    address = next;
    current =
        builders
            .apply(next)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .keepAliveTime(30, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .disableRetry() // requests have their own identity and are repeated by whoever made
            // them
            .build();
    if (before != null) {
      before.shutdownNow();
    }
  }

  void reconnectNow() {
    ManagedChannel channel = current;
    if (channel != null) {
      channel.resetConnectBackoff();
    }
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return open().newCall(method, options);
  }

  @Override
  public String authority() {
    return open().authority();
  }

  private ManagedChannel open() {
    ManagedChannel channel = current;
    if (channel == null) {
      throw new IllegalStateException("the channel points nowhere yet");
    }
    return channel;
  }

  void shutdown() {
    ManagedChannel channel = current;
    if (channel == null) {
      return;
    }
    channel.shutdownNow();
    try {
      channel.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
