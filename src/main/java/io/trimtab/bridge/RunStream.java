package io.trimtab.bridge;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.trimtab.bridge.wire.Failure;
import io.trimtab.bridge.wire.NumberedResult;
import io.trimtab.bridge.wire.NumberedRun;
import io.trimtab.bridge.wire.ProgramServiceGrpc;
import io.trimtab.bridge.wire.RunFrame;
import io.trimtab.bridge.wire.RunRequest;
import io.trimtab.bridge.wire.RunResponse;
import io.trimtab.bridge.wire.RunResults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One long-lived stream on which runs go out, numbered, and come back as they are ready. */
final class RunStream implements AutoCloseable {
  /*
   * A stream message costs a third of a unary call in grpcio, so every run goes this way, one or many. The deadline of a run
   * travels with it and stops the Python work; a timer here ends the wait a little later in case Python cannot. A stream that
   * breaks fails the runs on it, since nobody knows whether they have begun; the next run opens a new one.
   */

  /** How much longer than Python this side waits. */
  private static final Duration GRACE = Duration.ofMillis(500);

  private final Channel channel;
  private final ScheduledExecutorService timer;
  private final AtomicLong lastNumber = new AtomicLong();

  // Guarded by this.
  private @Nullable Life current;
  private boolean closed;

  /** Says that Python answered with a failure; never leaves this package. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    Refused(Failure failure) {
      super(failure.getMessage());
      this.failure = failure;
    }

    Failure failure() {
      return failure;
    }
  }

  RunStream(Channel channel, ScheduledExecutorService timer) {
    this.channel = channel;
    this.timer = timer;
  }

  /**
   * Sends runs in one frame.
   *
   * @param limit how long each may take
   * @return an answer to come per run; it fails with {@link Refused}, {@link
   *     ProgramTimeoutException} or {@link BridgeUnavailableException}
   */
  List<CompletableFuture<RunResponse>> send(List<RunRequest> requests, Duration limit) {
    Life life = open();
    RunFrame.Builder frame = RunFrame.newBuilder();
    List<CompletableFuture<RunResponse>> answers = new ArrayList<>(requests.size());
    for (RunRequest request : requests) {
      long number = lastNumber.incrementAndGet();
      answers.add(life.expect(number, request.getProgram(), limit));
      frame.addRuns(
          NumberedRun.newBuilder()
              .setNumber(number)
              .setTimeoutMs(Math.max(1, limit.toMillis()))
              .setRequest(request));
    }
    life.send(frame.build());
    return answers;
  }

  private synchronized Life open() {
    if (closed) {
      throw new IllegalStateException("the bridge is closed");
    }
    Life life = current;
    if (life == null) {
      life = new Life();
      current = life;
      ProgramServiceGrpc.newStub(channel).runMany(life);
    }
    return life;
  }

  private synchronized void ended(Life life) {
    if (current == life) {
      current = null;
    }
  }

  @Override
  public void close() {
    Life life;
    synchronized (this) {
      closed = true;
      life = current;
      current = null;
    }
    if (life != null) {
      life.close();
    }
  }

  /** The stream from its opening to its end. */
  private final class Life implements ClientResponseObserver<RunFrame, RunResults> {

    private final Map<Long, CompletableFuture<RunResponse>> waiting = new ConcurrentHashMap<>();
    private @Nullable ClientCallStreamObserver<RunFrame> out; // guarded by this
    private @Nullable Throwable end; // guarded by this

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<RunFrame> stream) {
      out = stream;
    }

    CompletableFuture<RunResponse> expect(long number, String program, Duration limit) {
      CompletableFuture<RunResponse> answer = new CompletableFuture<>();
      waiting.put(number, answer);
      Future<?> alarm =
          timer.schedule(
              () -> answer.completeExceptionally(new ProgramTimeoutException(program, limit, null)),
              limit.plus(GRACE).toNanos(),
              TimeUnit.NANOSECONDS);
      CompletableFuture<?> unused =
          answer.whenComplete(
              (value, failure) -> {
                alarm.cancel(/* mayInterruptIfRunning= */ false);
                if (waiting.remove(number) != null) {
                  send(RunFrame.newBuilder().addCancelled(number).build()); // it still runs there
                }
              });
      return answer;
    }

    synchronized void send(RunFrame frame) {
      ClientCallStreamObserver<RunFrame> stream = out;
      if (stream != null && end == null) {
        stream.onNext(frame);
      } else if (frame.getRunsCount() > 0) {
        failAll(end);
      }
    }

    @Override
    public void onNext(RunResults results) {
      for (NumberedResult result : results.getResultsList()) {
        CompletableFuture<RunResponse> answer = waiting.remove(result.getNumber());
        if (answer != null) {
          complete(answer, result);
        }
      }
    }

    private void complete(CompletableFuture<RunResponse> answer, NumberedResult result) {
      if (result.getFailure().isEmpty()) {
        answer.complete(result.getResponse());
        return;
      }
      try {
        answer.completeExceptionally(new Refused(Failure.parseFrom(result.getFailure())));
      } catch (InvalidProtocolBufferException e) {
        answer.completeExceptionally(
            new BridgeUnavailableException(
                "a run failed in words this version cannot read", true, e));
      }
    }

    @Override
    public void onError(Throwable failure) {
      finish(failure);
    }

    @Override
    public void onCompleted() {
      finish(null);
    }

    private void finish(@Nullable Throwable failure) {
      Throwable cause =
          failure == null ? new IllegalStateException("ended by the sidecar") : failure;
      synchronized (this) {
        end = cause;
      }
      ended(this);
      failAll(cause);
    }

    private void failAll(@Nullable Throwable cause) {
      for (Long number : List.copyOf(waiting.keySet())) {
        CompletableFuture<RunResponse> answer = waiting.remove(number);
        if (answer != null) {
          answer.completeExceptionally(
              new BridgeUnavailableException(
                  "the connection to the sidecar broke during a run", /* begun= */ true, cause));
        }
      }
    }

    void close() {
      ClientCallStreamObserver<RunFrame> stream;
      synchronized (this) {
        stream = out;
        end = new IllegalStateException("the bridge was closed");
      }
      failAll(end);
      if (stream != null) {
        stream.onCompleted();
      }
    }
  }
}
