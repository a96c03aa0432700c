package io.trimtab.bridge;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A TCP proxy that delays, cuts and swallows. */
final class ChaosProxy implements Closeable {

  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile int targetPort;
  private volatile long delayNanos;
  private volatile boolean swallowsAnswers;
  private volatile boolean swallowsAll;
  private volatile boolean acceptsMutely;
  private final Semaphore mute = new Semaphore(0);

  ChaosProxy(int targetPort) throws IOException {
    this.targetPort = targetPort;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    spawn("accept", this::accept);
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
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

  /** Waits until a connection was accepted mutely. */
  void awaitMuteConnection(Duration patience) throws InterruptedException {
    if (!mute.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("nobody connected within " + patience);
    }
  }

  /** Cuts every connection. */
  void cut() {
    for (Socket socket : sockets) {
      quietly(socket);
    }
    sockets.clear();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket client = server.accept();
        Socket target;
        try {
          target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
        } catch (IOException e) {
          quietly(client);
          continue;
        }
        sockets.add(client);
        sockets.add(target);
        client.setTcpNoDelay(true);
        target.setTcpNoDelay(true);
        boolean mutely = acceptsMutely;
        spawn("requests", () -> pump(client, target, false, false));
        spawn("answers", () -> pump(target, client, true, mutely));
        if (mutely) {
          mute.release();
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void pump(Socket from, Socket to, boolean answers, boolean mutely) {
    byte[] buffer = new byte[16 << 10];
    boolean lost = mutely;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        long delay = delayNanos;
        if (delay > 0) {
          LockSupport.parkNanos(delay);
        }
        lost |= swallowsAll || (answers && swallowsAnswers);
        if (!lost) {
          out.write(buffer, 0, read);
          out.flush();
        }
      }
    } catch (IOException e) {
      // cut
    }
    quietly(from);
    quietly(to);
  }

  private static void spawn(String name, Runnable task) {
    Thread thread = new Thread(task, "chaos-" + name);
    thread.setDaemon(true);
    thread.start();
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
    cut();
  }
}
