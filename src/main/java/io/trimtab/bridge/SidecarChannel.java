package io.trimtab.bridge;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A channel to wherever the sidecar listens now. */
final class SidecarChannel extends Channel {
  /*
   * gRPC backs off for up to two minutes after a connection failed; only resetConnectBackoff() cuts that, hence the call
   * whenever we know that the other side is back. Keepalive is a backstop: gRPC refuses to ping more often than every
   * 10 s, too rarely to notice a stopped process, which application heartbeats do. Of a peer that accepted a connection and
   * then says nothing gRPC waits for ever (HTTP/2 begins with its SETTINGS), so such a channel is replaced.
   */

  static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final Function<String, ManagedChannelBuilder<?>> builders;
  private volatile @Nullable ManagedChannel current;
  private @Nullable String address; // guarded by this

  SidecarChannel(Function<String, ManagedChannelBuilder<?>> builders) {
    this.builders = builders;
  }

  static ManagedChannelBuilder<?> plaintext(String address) {
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(target(address), InsecureChannelCredentials.create());
    if (address.startsWith(Handshake.UNIX) && builder instanceof NettyChannelBuilder netty) {
      netty.withOption(ChannelOption.SO_KEEPALIVE, null); // these have none, and Netty warns of it
    }
    return builder;
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
    address = next;
    replace(before, next);
  }

  private void replace(@Nullable ManagedChannel before, String next) {
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

  /** Makes a new connection if the present one is still being made, which no call can be on. */
  synchronized void abandonHandshake() {
    ManagedChannel channel = current;
    String same = address;
    if (channel != null
        && same != null
        && !channel.isShutdown()
        && channel.getState(/* requestConnection= */ false) == ConnectivityState.CONNECTING) {
      replace(channel, same);
    }
  }

  /** Returns where the sidecar listens now. */
  synchronized String address() {
    String known = address;
    if (known == null) {
      throw new IllegalStateException("the channel points nowhere yet");
    }
    return known;
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
