package io.trimtab.bridge;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.ClientFrame;
import io.trimtab.bridge.wire.ServerFrame;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Frames over a Unix socket of a sidecar on this machine, each after its length in four bytes. */
final class DirectLane implements FrameConnection {
  /*
   * A message of grpcio costs the sidecar 75 to 100 microseconds; this costs a tenth. What travels is the same.
   *
   * Whoever sends writes to the socket itself, which saves waking another thread. It must never be made to wait by a sidecar
   * that has stopped reading, though. A few small frames cannot, for the socket's buffer holds many times that. Larger frames,
   * those that come when many in a row had no answer (heartbeats, say), and all that come while one of them is being written are
   * left to a thread of this connection's own.
   *
   * A channel closes when a thread is interrupted in its midst. A caller known to be interrupted leaves its frame to that
   * thread, too; for one interrupted at just that moment the connection is made again, and nothing is lost or done twice.
   */

  /** What the name of the lane's socket has after that of the sidecar's. */
  static final String SUFFIX = ".lane";

  private static final String GREETING = "trimtab-lane/1 ";
  private static final int INLINE_BYTES = 16 << 10;
  private static final int INLINE_FRAMES = 4;
  private static final int CHUNK = 1 << 16;

  private final SocketChannel channel;
  private final StreamObserver<ServerFrame> listener;
  private final AtomicInteger unwritten = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger(); // frames since the last one came
  private final ThreadPoolExecutor writer;

  private volatile boolean cancelled;

  private DirectLane(SocketChannel channel, StreamObserver<ServerFrame> listener) {
    this.channel = channel;
    this.listener = listener;
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, "trimtab-lane-writer"));
    writer.allowCoreThreadTimeOut(true);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Connects, which takes no time: a sidecar that does not accept at once counts as one without a
   * lane.
   */
  static DirectLane open(Path socket, String token, StreamObserver<ServerFrame> listener)
      throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false);
      if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
        throw new IOException(socket + " has no room for another connection");
      }
      channel.configureBlocking(true);
      DirectLane lane = new DirectLane(channel, listener);
      byte[] greeting = (GREETING + token).getBytes(StandardCharsets.UTF_8);
      lane.write(ByteBuffer.allocate(4 + greeting.length).putInt(greeting.length).put(greeting));
      daemon(lane::read, "trimtab-lane").start();
      return lane;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  // Sending

  @Override
  public void send(ClientFrame frame) {
    ByteBuffer bytes = encoded(frame);
    boolean inline =
        unanswered.incrementAndGet() <= INLINE_FRAMES
            && bytes.capacity() <= INLINE_BYTES
            && unwritten.get() == 0
            && !Thread.currentThread().isInterrupted();
    if (inline) {
      tryWrite(bytes);
      return;
    }
    unwritten.incrementAndGet();
    try {
      writer.execute(
          () -> {
            tryWrite(bytes);
            unwritten.decrementAndGet();
          });
    } catch (RejectedExecutionException e) {
      // cancelled meanwhile
    }
  }

  private static ByteBuffer encoded(ClientFrame frame) {
    int size = frame.getSerializedSize();
    byte[] bytes = new byte[4 + size];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).putInt(size);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, 4, size);
      frame.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return buffer.position(bytes.length);
  }

  /** Writes a full buffer; a connection that fails is closed, which its reader tells. */
  private void tryWrite(ByteBuffer bytes) {
    try {
      write(bytes);
    } catch (IOException e) {
      close();
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public boolean isReady() {
    return unwritten.get() == 0;
  }

  // Receiving

  private void read() {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK).flip();
      for (ServerFrame frame = next(buffer); frame != null; frame = next(buffer)) {
        unanswered.set(0);
        listener.onNext(frame);
      }
      if (!cancelled) {
        listener.onCompleted();
      }
    } catch (IOException e) {
      if (!cancelled) {
        listener.onError(
            Status.UNAVAILABLE
                .withDescription("its direct lane broke: " + e.getMessage())
                .withCause(e)
                .asRuntimeException());
      }
    } finally {
      close();
    }
  }

  /** Returns the next frame, or null after the last. */
  private @Nullable ServerFrame next(ByteBuffer buffer) throws IOException {
    if (!fill(buffer, 4)) {
      return null;
    }
    int size = buffer.getInt();
    if (size < 0 || size > SidecarChannel.MAX_MESSAGE_BYTES) {
      throw new IOException(
          "expected a frame of at most %d bytes, got %d"
              .formatted(SidecarChannel.MAX_MESSAGE_BYTES, Integer.toUnsignedLong(size)));
    }
    if (size > CHUNK) {
      return ServerFrame.parseFrom(large(buffer, size));
    }
    if (!fill(buffer, size)) {
      throw new EOFException("the connection ended within a frame");
    }
    ServerFrame frame = ServerFrame.parseFrom(buffer.slice(buffer.position(), size));
    buffer.position(buffer.position() + size);
    return frame;
  }

  /** Reads until the buffer holds so many bytes; returns false if the end came instead. */
  private boolean fill(ByteBuffer buffer, int size) throws IOException {
    if (buffer.remaining() >= size) {
      return true;
    }
    buffer.compact();
    boolean open = true;
    while (open && buffer.position() < size) {
      open = channel.read(buffer) >= 0;
    }
    buffer.flip();
    return open;
  }

  private ByteBuffer large(ByteBuffer buffer, int size) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(size);
    whole.put(buffer);
    while (whole.hasRemaining()) {
      if (channel.read(whole) < 0) {
        throw new EOFException("the connection ended within a frame");
      }
    }
    return whole.flip();
  }

  // The end

  @Override
  public void cancel(String why) {
    cancelled = true;
    close();
  }

  private void close() {
    writer.shutdownNow();
    try {
      channel.close();
    } catch (IOException e) {
      // there is nothing else to do with it
    }
  }
}
