package io.trimtab.bridge;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.HostAnswer;
import io.trimtab.bridge.wire.HostCall;
import io.trimtab.bridge.wire.HostCalls;
import io.trimtab.bridge.wire.HostFrame;
import io.trimtab.bridge.wire.HostOffer;
import io.trimtab.bridge.wire.HostServiceGrpc;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream on which Python asks and this JVM answers; opened again whenever it breaks, until
 * closed.
 */
final class HostStream implements AutoCloseable {
  /*
   * The sidecar numbers its calls; each is answered once, or in chunks whose last one ends it. A broken stream fails the calls
   * that were under way on Python's side, so their work is cancelled here and nothing is answered late: numbers belong to one
   * attachment. A frame without content is sent at every beat, so that the sidecar can tell a stopped JVM from a quiet one.
   */

  private static final Logger LOG = LoggerFactory.getLogger(HostStream.class);

  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Channel channel;
  private final HostOffer offer;
  private final HostDesk desk;
  private final ScheduledExecutorService timer;
  private final CompletableFuture<Boolean> firstAttached = new CompletableFuture<>();
  private final Future<?> beat;

  // Guarded by this.
  private @Nullable Attachment current;
  private boolean closed;
  private long failures;

  HostStream(Channel channel, HostOffer offer, HostDesk desk, ScheduledExecutorService timer) {
    this.channel = channel;
    this.offer = offer;
    this.desk = desk;
    this.timer = timer;
    this.beat =
        timer.scheduleWithFixedDelay(
            this::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    open();
  }

  /** Waits until the sidecar has accepted the offer. */
  void awaitAttached(Duration limit) {
    try {
      firstAttached.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BridgeUnavailableException(
          "interrupted while attaching to the sidecar", /* begun= */ false, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new BridgeUnavailableException(
          "attaching session \"%s\" to the sidecar: expected it to answer within %s"
              .formatted(offer.getSessionId(), limit),
          /* begun= */ false,
          e);
    }
  }

  private synchronized void open() {
    if (closed) {
      return;
    }
    Attachment attachment = new Attachment();
    current = attachment;
    attachment.start();
  }

  private void beat() {
    Attachment attachment;
    synchronized (this) {
      attachment = current;
    }
    if (attachment != null) {
      attachment.send(HostFrame.getDefaultInstance());
    }
  }

  private synchronized void attached() {
    failures = 0;
    firstAttached.complete(true);
  }

  private synchronized void ended(Attachment attachment, @Nullable Throwable cause) {
    if (closed || current != attachment) {
      return;
    }
    current = null;
    long pause = Math.min(100L << Math.min(failures++, 6), LONGEST_PAUSE.toMillis());
    LOG.debug("the host stream ended, opening it again in {} ms", pause, cause);
    Future<?> unused = timer.schedule(this::open, pause, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    Attachment attachment;
    synchronized (this) {
      closed = true;
      attachment = current;
      current = null;
    }
    beat.cancel(/* mayInterruptIfRunning= */ false);
    if (attachment != null) {
      attachment.finish();
    }
  }

  /** One life of the stream, with the calls under way on it. */
  private final class Attachment implements StreamObserver<HostCalls> {

    private final Map<Long, Future<?>> underWay = new ConcurrentHashMap<>();

    // Guarded by this; a stream takes one message at a time.
    private @Nullable StreamObserver<HostFrame> out;

    void start() {
      StreamObserver<HostFrame> stream = HostServiceGrpc.newStub(channel).attach(this);
      synchronized (this) {
        out = stream;
      }
      send(HostFrame.newBuilder().setOffer(offer).build());
    }

    synchronized void send(HostFrame frame) {
      StreamObserver<HostFrame> stream = out;
      if (stream == null) {
        return; // it ended meanwhile: nobody waits for this any more
      }
      try {
        stream.onNext(frame);
      } catch (IllegalStateException e) {
        out = null; // ended a moment ago; onError says so too
      }
    }

    @Override
    public void onNext(HostCalls calls) {
      if (calls.getAttached()) {
        attached();
      }
      for (long number : calls.getCancelledList()) {
        Future<?> work = underWay.remove(number);
        if (work != null) {
          work.cancel(/* mayInterruptIfRunning= */ true);
        }
      }
      calls.getCallsList().forEach(this::begin);
    }

    private void begin(HostCall call) {
      long number = call.getNumber();
      CompletableFuture<HostAnswer> answer =
          desk.answer(call, chunk -> send(frame(number, chunk.toBuilder())));
      underWay.put(number, answer);
      CompletableFuture<?> unused =
          answer.whenComplete(
              (value, failure) -> {
                underWay.remove(number);
                if (!answer.isCancelled()) {
                  send(frame(number, value.toBuilder()));
                }
              });
      if (answer.isDone()) {
        underWay.remove(number); // it ended before it was put there
      }
    }

    private HostFrame frame(long number, HostAnswer.Builder answer) {
      return HostFrame.newBuilder().addAnswers(answer.setNumber(number)).build();
    }

    @Override
    public void onError(Throwable failure) {
      end(failure);
    }

    @Override
    public void onCompleted() {
      end(null);
    }

    private void end(@Nullable Throwable failure) {
      synchronized (this) {
        out = null;
      }
      cancelAll();
      ended(this, failure);
    }

    void finish() {
      StreamObserver<HostFrame> stream;
      synchronized (this) {
        stream = out;
        out = null;
      }
      cancelAll();
      if (stream != null) {
        stream.onCompleted();
      }
    }

    private void cancelAll() {
      underWay.values().forEach(work -> work.cancel(/* mayInterruptIfRunning= */ true));
      underWay.clear();
    }
  }
}
