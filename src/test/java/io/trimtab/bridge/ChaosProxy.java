package io.trimtab.bridge;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A proxy between two sockets, of TCP or of Unix, that delays, cuts and swallows. */
final class ChaosProxy implements Closeable {

  private final ServerSocketChannel server;
  private final Thread acceptor;
  private final SocketAddress target;
  private final List<SocketChannel> sockets = new CopyOnWriteArrayList<>();
  private volatile long delayNanos;
  private volatile boolean swallowsAnswers;
  private volatile boolean swallowsAll;
  private volatile boolean acceptsMutely;
  private final Semaphore mute = new Semaphore(0);
  private final Semaphore delivered = new Semaphore(0);
  private final AtomicInteger accepted = new AtomicInteger();

  ChaosProxy(int targetPort) throws IOException {
    this(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
  }

  ChaosProxy(Path socket, Path target) throws IOException {
    this(UnixDomainSocketAddress.of(socket), UnixDomainSocketAddress.of(target));
  }

  private ChaosProxy(SocketAddress address, SocketAddress target) throws IOException {
    this.target = target;
    this.server =
        address instanceof UnixDomainSocketAddress
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    server.bind(address, 50);
    this.acceptor = spawn("accept", this::accept);
  }

  String address() throws IOException {
    return server.getLocalAddress() instanceof InetSocketAddress tcp
        ? "127.0.0.1:" + tcp.getPort()
        : "unix:" + server.getLocalAddress();
  }

  /** Returns how many connections are proxied now. */
  int connections() {
    return sockets.size() / 2;
  }

  /** Delays every piece of data, both ways. */
  void delay(Duration delay) {
    delayNanos = delay.toNanos();
  }

  /**
   * Lets requests through but no answers, as when a connection is half open. No network loses a
   * part of what it delivers, so a connection that lost something never delivers anything again.
   */
  void swallowAnswers(boolean swallow) {
    swallowsAnswers = swallow;
  }

  /** Lets nothing through, and keeps the connections, which are lost from then on. */
  void swallowAll(boolean swallow) {
    swallowsAll = swallow;
  }

  /** Accepts connections of which no answer will ever come, whatever is said here later. */
  void acceptMutely(boolean mutely) {
    acceptsMutely = mutely;
  }

  /** Returns how many connections were accepted so far. */
  int accepted() {
    return accepted.get();
  }

  /** Waits until so many more pieces of answers were delivered. */
  void awaitAnswers(int pieces, Duration patience) throws InterruptedException {
    delivered.drainPermits();
    if (!delivered.tryAcquire(pieces, patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("no %d answers within %s".formatted(pieces, patience));
    }
  }

  /** Waits until a connection was accepted mutely. */
  void awaitMuteConnection(Duration patience) throws InterruptedException {
    if (!mute.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("nobody connected within " + patience);
    }
  }

  /** Cuts every connection. */
  void cut() {
    for (SocketChannel socket : sockets) {
      quietly(socket);
    }
    sockets.clear();
  }

  private void accept() {
    try {
      while (server.isOpen()) {
        SocketChannel client = server.accept();
        SocketChannel there;
        try {
          there = SocketChannel.open(target);
        } catch (IOException e) {
          quietly(client);
          continue;
        }
        sockets.add(client);
        sockets.add(there);
        if (target instanceof InetSocketAddress) {
          client.setOption(StandardSocketOptions.TCP_NODELAY, true);
          there.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        boolean mutely = acceptsMutely;
        accepted.incrementAndGet();
        spawn("requests", () -> pump(client, there, false, false));
        spawn("answers", () -> pump(there, client, true, mutely));
        if (mutely) {
          mute.release();
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void pump(SocketChannel from, SocketChannel to, boolean answers, boolean mutely) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10);
    boolean lost = mutely;
    try {
      while (from.read(buffer.clear()) >= 0) {
        long delay = delayNanos;
        if (delay > 0) {
          LockSupport.parkNanos(delay);
        }
        buffer.flip();
        lost |= swallowsAll || (answers && swallowsAnswers); // no socket loses what is in between
        if (!lost) {
          while (buffer.hasRemaining()) {
            to.write(buffer);
          }
          if (answers) {
            delivered.release();
          }
        }
      }
    } catch (IOException e) {
      // cut
    }
    sockets.remove(from);
    sockets.remove(to);
    quietly(from);
    quietly(to);
  }

  private static Thread spawn(String name, Runnable task) {
    Thread thread = new Thread(task, "chaos-" + name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void quietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // gone already
    }
  }

  @Override
  public void close() {
    quietly(server);
    try {
      acceptor.join(TimeUnit.SECONDS.toMillis(10)); // until then somebody may still get in
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cut();
  }
}
