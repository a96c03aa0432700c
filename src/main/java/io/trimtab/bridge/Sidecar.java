package io.trimtab.bridge;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.ServerFrame;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Python process that owns the state of bridged sessions and runs Python programs; launched by
 * this JVM, or connected to.
 *
 * <pre>{@code
 * try (Sidecar sidecar = Sidecar.launch().programModules("my_programs").start();
 *     Session session = Session.builder().bridge(new BridgedStateFactory(sidecar)).open()) {
 *   session.ensureBridged();
 * }
 * }</pre>
 *
 * <p>A launched sidecar ends with this object, with the JVM, and also when the JVM is killed. If it
 * dies, it is started again; sessions restore what it held from their replicas.
 *
 * <p>Safe for use by many threads at once.
 */
public final class Sidecar implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

  private final String where;
  private final SidecarChannel channel;
  private final Channel authenticated;
  private final String token;
  private final @Nullable Supervision supervision;
  private final boolean usesLane;
  private final List<Runnable> onRestart = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Sidecar(
      String where,
      SidecarChannel channel,
      String token,
      @Nullable Supervision supervision,
      boolean usesLane) {
    this.where = where;
    this.channel = channel;
    this.token = token;
    this.authenticated = ClientInterceptors.intercept(channel, new BearerToken(token));
    this.supervision = supervision;
    this.usesLane = usesLane;
  }

  /**
   * Starts the choice of options for a process of this JVM's own.
   *
   * @return a builder for use by one thread
   */
  public static SidecarLaunch launch() {
    return new SidecarLaunch();
  }

  /**
   * Starts the choice of options for a sidecar that somebody else runs.
   *
   * @param address {@code host:port} or {@code unix:/path}
   * @return a builder for use by one thread
   */
  public static SidecarConnection connect(String address) {
    return new SidecarConnection(address);
  }

  static Sidecar launched(SidecarLaunch options) {
    Supervision supervision = new Supervision(options);
    Handshake first = supervision.start();
    SidecarChannel channel = new SidecarChannel(SidecarChannel::plaintext);
    channel.pointTo(first.address());
    Sidecar sidecar =
        new Sidecar(first.address(), channel, supervision.token(), supervision, options.usesLane());
    supervision.onRestart(sidecar::restarted);
    return sidecar;
  }

  static Sidecar connected(String address, SidecarChannel channel, String token) {
    channel.pointTo(address);
    return new Sidecar(address, channel, token, null, /* usesLane= */ true);
  }

  private void restarted(Handshake handshake) {
    channel.pointTo(handshake.address());
    onRestart.forEach(Runnable::run);
  }

  /**
   * Returns a channel on which every call carries the token; it stays valid when the sidecar is
   * started again, elsewhere even.
   */
  Channel channel() {
    return authenticated;
  }

  /** Returns the same sidecar, spoken to by gRPC alone; close this one, not that. */
  Sidecar overGrpc() {
    return new Sidecar(where, channel, token, null, /* usesLane= */ false);
  }

  /** Makes a broken connection try again now rather than after gRPC's backoff. */
  void reconnectNow() {
    channel.reconnectNow();
  }

  /** Makes a new connection beside one that does not answer. */
  void abandonConnection() {
    channel.abandonConnection();
  }

  /**
   * Opens the sidecar's direct lane, or returns null if there is none that this process can use.
   */
  @Nullable FrameConnection openLane(StreamObserver<ServerFrame> listener) {
    String address = channel.address();
    if (!usesLane || !address.startsWith(Handshake.UNIX)) {
      return null;
    }
    Path socket = Path.of(address.substring(Handshake.UNIX.length()) + DirectLane.SUFFIX);
    try {
      return DirectLane.open(socket, token, listener);
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("no direct lane at {}: {}", socket, e.toString());
      return null;
    }
  }

  /** Runs a task, quickly and on some thread, whenever the process has been started again. */
  void addRestartListener(Runnable listener) {
    onRestart.add(listener);
  }

  void removeRestartListener(Runnable listener) {
    onRestart.remove(listener);
  }

  /**
   * Tells whether this JVM runs the process.
   *
   * @return false if it was connected to
   */
  public boolean isLaunched() {
    return supervision != null;
  }

  /**
   * Tells how often the process was started again after it had died.
   *
   * @return 0 for a sidecar that was connected to
   */
  public int restarts() {
    return supervision == null ? 0 : supervision.restarts();
  }

  /**
   * Returns the process that runs now.
   *
   * @return its handle, or null if this JVM does not run it or it is being started again
   */
  public @Nullable ProcessHandle process() {
    return supervision == null ? null : supervision.process();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (supervision != null) {
      supervision.close();
    }
    channel.shutdown();
    LOG.debug("closed {}", this);
  }

  boolean isClosed() {
    return closed.get();
  }

  @Override
  public String toString() {
    return (supervision == null ? "Sidecar(" : "Sidecar(launched, ") + where + ")";
  }
}
