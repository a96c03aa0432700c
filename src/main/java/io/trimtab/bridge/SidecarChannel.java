package io.trimtab.bridge;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A channel to wherever the sidecar listens now. */
final class SidecarChannel extends Channel {
  /*
   * gRPC backs off for up to two minutes after a connection failed; only resetConnectBackoff() cuts that, hence the call
   * whenever we know that the other side is back. Keepalive is a backstop: gRPC refuses to ping more often than every
   * 10 s, too rarely to notice a stopped process, which application heartbeats do. On a connection that was accepted and then
   * never answered, gRPC waits for ever (HTTP/2 begins with its SETTINGS), and on one whose other end is gone for 40 s, so
   * whoever finds it silent has another one made. It may be no more than slow, so the calls that are on it are left alone.
   */

  static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final Function<String, ManagedChannelBuilder<?>> builders;
  private volatile @Nullable ManagedChannel current;
  private @Nullable String address; // guarded by this
  private final Set<ManagedChannel> retired = new HashSet<>(); // guarded by this

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
    current = build(next);
    if (before != null) {
      before.shutdownNow();
    }
  }

  private ManagedChannel build(String where) {
    return builders
        .apply(where)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .disableRetry() // requests have their own identity and are repeated by whoever made them
        .build();
  }

  /** Makes a new connection beside one that does not answer; calls that are on it may go on. */
  synchronized void abandonConnection() {
    ManagedChannel silent = current;
    String same = address;
    if (silent == null || same == null || silent.isShutdown()) {
      return;
    }
    switch (silent.getState(/* requestConnection= */ false)) {
      case CONNECTING -> { // no call is on it
        current = build(same);
        silent.shutdownNow();
      }
      case READY -> {
        current = build(same);
        silent.shutdown();
        retired.removeIf(ManagedChannel::isTerminated);
        retired.add(silent);
      }
      default -> reconnectNow();
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
    ManagedChannel channel;
    synchronized (this) {
      channel = current;
      retired.forEach(ManagedChannel::shutdownNow);
      retired.clear();
    }
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
