package io.trimtab.openai;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Passes one exchange of the JDK's client on to a receiver, as bytes arrive. */
final class JdkExchange implements Flow.Subscription {
  /*
   * Bodies are pushed, not read from a stream: a thread that blocks in the JDK's InputStream
   * cannot be interrupted before JDK 20. A failure may be reported twice, by the body's
   * subscriber and by the response's future, and the two may race with a cancellation; `over`
   * lets the first one through.
   */

  private final Transport.Receiver receiver;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong askedEarly = new AtomicLong();
  private volatile boolean cancelled;
  private volatile boolean headed;
  private volatile boolean resent;
  private volatile @Nullable CompletableFuture<?> response;
  private volatile @Nullable Body body;
  private @Nullable Thread sender; // guarded by this
  private boolean woken; // guarded by this

  JdkExchange(Transport.Receiver receiver) {
    this.receiver = receiver;
  }

  HttpResponse.BodyHandler<@Nullable Void> handler() {
    return head -> {
      headed = true;
      Body arriving = new Body();
      body = arriving;
      if (!over.get()) {
        receiver.head(head.statusCode(), head.headers());
      }
      return arriving;
    };
  }

  /** Tells of the future that cancels the exchange. */
  void sent(CompletableFuture<?> future) {
    response = future;
    if (cancelled) { // and not merely over: its connection may be carrying the next request by now
      future.cancel(true);
    }
  }

  /**
   * Tells of a thread that is to wait in {@code send()}, which no future can cancel; false if it is
   * too late for that.
   */
  synchronized boolean sendsOn(Thread thread) {
    sender = thread;
    return !over.get();
  }

  /**
   * Tells that the thread waits no more, and takes back the interrupt that {@link #cancel} may have
   * sent it. One of its owner's at the very same time is taken for ours.
   *
   * @return whether there was one
   */
  synchronized boolean sendReturned() {
    boolean ours = woken;
    sender = null;
    woken = false;
    if (ours) {
      boolean unused = Thread.interrupted();
    }
    return ours;
  }

  private synchronized void wakeSender() {
    if (sender != null && sender != Thread.currentThread()) {
      woken = true;
      sender.interrupt();
    }
  }

  /** Decides, at most once with yes, whether the request may go out again on a fresh connection. */
  boolean mayResend(Throwable failure) {
    if (resent || headed || over.get() || !diedUnanswered(failure)) {
      return false;
    }
    resent = true;
    return true;
  }

  /**
   * Recognises a connection that ended before any byte of the response had come. The JDK tells the
   * two cases apart by its wording only: "header parser received no bytes" against "parsing
   * HTTP/1.1 header, receiving [...]".
   */
  private static boolean diedUnanswered(Throwable failure) {
    if (failure instanceof HttpTimeoutException) {
      return false;
    }
    boolean died = false;
    for (Throwable e = failure; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof ConnectException || message.contains("parsing HTTP/1.1")) {
        return false;
      }
      died |=
          e instanceof ClosedChannelException
              || message.contains("received no bytes")
              || message.contains("Connection reset")
              || message.contains("closed locally") // by a cancelled call that had it just before
              || message.contains("Broken pipe");
    }
    return died;
  }

  /**
   * Tells whether the JDK's client has given an exchange up without closing its connection, as it
   * does (17 and 25 alike) when it cannot make sense of the response's headers: endless ones, too
   * many interim responses, no HTTP at all.
   */
  boolean leavesConnectionOpen(Throwable failure) {
    return !headed
        && !cancelled
        && !(failure instanceof HttpTimeoutException)
        && !(failure instanceof ConnectException)
        && !diedUnanswered(failure);
  }

  /**
   * Closes the connection of a response that failed before its head was there, whatever the reason:
   * a cancellation that came in the very moment of the failure was refused by the response.
   */
  void hangUp(CompletableFuture<?> failed) {
    if (!headed) {
      failed.newIncompleteFuture().cancel(true);
    }
  }

  void fail(Throwable failure) {
    if (over.compareAndSet(false, true)) {
      receiver.failed(
          failure instanceof IOException io
              ? io
              : new IOException(String.valueOf(failure), failure));
    }
  }

  @Override
  public void request(long n) {
    askedEarly.getAndAccumulate(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
    passDemandOn();
  }

  private void passDemandOn() {
    Body arriving = body;
    Flow.Subscription upstream = arriving == null ? null : arriving.upstream;
    if (upstream != null) {
      long asked = askedEarly.getAndSet(0);
      if (asked > 0) {
        upstream.request(asked);
      }
    }
  }

  @Override
  public void cancel() {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    cancelled = true;
    CompletableFuture<?> running = response;
    if (running != null) {
      running.cancel(true);
    }
    Body arriving = body;
    if (arriving != null) {
      arriving.abandon();
    } else {
      wakeSender();
    }
  }

  /** The subscriber the JDK's client feeds. */
  private final class Body implements HttpResponse.BodySubscriber<@Nullable Void> {

    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private volatile Flow.@Nullable Subscription upstream;

    @Override
    public CompletionStage<@Nullable Void> getBody() {
      return done;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      upstream = subscription;
      if (over.get()) {
        abandon();
      } else {
        passDemandOn();
      }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
      if (!over.get()) {
        receiver.data(bytes);
      }
    }

    @Override
    public void onError(Throwable failure) {
      fail(failure);
      done.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      if (over.compareAndSet(false, true)) {
        receiver.end();
      }
      done.complete(null);
    }

    void abandon() {
      Flow.Subscription open = upstream;
      if (open != null) {
        open.cancel();
      }
      done.completeExceptionally(new IOException("the exchange was cancelled"));
    }
  }
}
