package io.trimtab.bridge;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.bridge.wire.DescribeProgramRequest;
import io.trimtab.bridge.wire.Failure;
import io.trimtab.bridge.wire.ListProgramsRequest;
import io.trimtab.bridge.wire.ProgramDescription;
import io.trimtab.bridge.wire.ProgramServiceGrpc;
import io.trimtab.bridge.wire.RunRequest;
import io.trimtab.bridge.wire.RunResponse;
import io.trimtab.bridge.wire.TraceStep;
import io.trimtab.lm.Usage;
import io.trimtab.program.Attempt;
import io.trimtab.program.CallOptions;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Prediction;
import io.trimtab.program.ResolvedParameters;
import io.trimtab.program.Run;
import io.trimtab.program.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs the Python programs of one session and turns what comes back into predictions. */
final class ProgramRunner implements AutoCloseable {

  private final Channel channel;
  private final String sessionId;
  private final String host;
  private final Duration timeout;
  private final ModelCalls calls;
  private final RunStream stream;

  ProgramRunner(
      Channel channel,
      String sessionId,
      String host,
      Duration timeout,
      ModelCalls calls,
      ScheduledExecutorService timer) {
    this.channel = channel;
    this.sessionId = sessionId;
    this.host = host;
    this.timeout = timeout;
    this.calls = calls;
    this.stream = new RunStream(channel, timer);
  }

  ProgramDescription describe(String program) {
    try {
      return stub()
          .describe(
              DescribeProgramRequest.newBuilder()
                  .setSessionId(sessionId)
                  .setProtocol(Protocol.VERSION)
                  .setProgram(program)
                  .build());
    } catch (StatusRuntimeException e) {
      throw translated(program, e);
    }
  }

  List<ProgramDescription> list() {
    try {
      return stub()
          .list(
              ListProgramsRequest.newBuilder()
                  .setSessionId(sessionId)
                  .setProtocol(Protocol.VERSION)
                  .build())
          .getProgramsList();
    } catch (StatusRuntimeException e) {
      throw translated("", e);
    }
  }

  private ProgramServiceGrpc.ProgramServiceBlockingStub stub() {
    return ProgramServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  CompletableFuture<Prediction> run(
      BridgedProgram program, RunRequest.Builder request, CallOptions options, Run run) {
    return start(program, List.of(request), options, run).get(0);
  }

  List<CompletableFuture<Prediction>> runAll(
      BridgedProgram program, List<RunRequest.Builder> requests, CallOptions options) {
    return start(program, requests, options, null);
  }

  private List<CompletableFuture<Prediction>> start(
      BridgedProgram program,
      List<RunRequest.Builder> requests,
      CallOptions options,
      @Nullable Run run) {
    if (options.model() != null) {
      throw new IllegalArgumentException(
          "%s: expected options without a model; offer it to the bridge by name and choose it there"
              .formatted(program));
    }
    Duration limit = options.timeout() == null ? timeout : options.timeout();
    List<ModelCalls.OfRun> records = new ArrayList<>();
    List<RunRequest> messages = new ArrayList<>();
    for (RunRequest.Builder request : requests) {
      ModelCalls.OfRun record = calls.begin();
      records.add(record);
      messages.add(
          request
              .setSessionId(sessionId)
              .setProtocol(Protocol.VERSION)
              .setHost(host)
              .setRunId(record.id())
              .setTrace(true)
              .build());
    }
    List<CompletableFuture<RunResponse>> answers = stream.send(messages, limit);
    List<CompletableFuture<Prediction>> predictions = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      predictions.add(
          prediction(program, messages.get(i), answers.get(i), records.get(i), limit, run));
    }
    return predictions;
  }

  private CompletableFuture<Prediction> prediction(
      BridgedProgram program,
      RunRequest request,
      CompletableFuture<RunResponse> answer,
      ModelCalls.OfRun record,
      Duration limit,
      @Nullable Run run) {
    CompletableFuture<Prediction> prediction = new CompletableFuture<>();
    CompletableFuture<?> unused =
        answer.whenComplete(
            (response, failure) -> {
              record.close();
              try {
                if (failure == null) {
                  prediction.complete(read(program, request, response, record, run));
                } else {
                  prediction.completeExceptionally(
                      translated(program.name(), failure, record, limit));
                }
              } catch (RuntimeException e) {
                prediction.completeExceptionally(e);
              }
            });
    CompletableFuture<?> unusedToo =
        prediction.whenComplete(
            (value, failure) -> {
              if (prediction.isCancelled()) {
                answer.cancel(/* mayInterruptIfRunning= */ true);
              }
            });
    return prediction;
  }

  private static Prediction read(
      BridgedProgram program,
      RunRequest request,
      RunResponse response,
      ModelCalls.OfRun record,
      @Nullable Run run) {
    FieldValues outputs = FieldValues.of(WireData.plain(response.getOutputs()));
    List<FieldValues> completions =
        response.getCompletionsList().stream()
            .map(completion -> FieldValues.of(WireData.plain(completion)))
            .toList();
    List<Step> steps = new ArrayList<>();
    for (TraceStep step : response.getTraceList()) {
      steps.add(
          step(
              program,
              step.getPredictor(),
              FieldValues.of(WireData.plain(step.getInputs())),
              FieldValues.of(WireData.plain(step.getOutputs())),
              List.of()));
    }
    FieldValues inputs = FieldValues.of(WireData.plain(request.getInputs()));
    steps.add(step(program, program.name(), inputs, outputs, record.answered()));
    Prediction prediction =
        Prediction.of(outputs, completions).withTrace(steps, usage(response, record.answered()));
    if (run != null) {
      steps.forEach(run::record);
    }
    return prediction;
  }

  /** Usage as this JVM's models counted it, else as Python did. */
  private static Usage usage(RunResponse response, List<Attempt> answered) {
    return answered.isEmpty() ? WireModel.usage(response.getUsage()) : Attempt.usage(answered);
  }

  private static Step step(
      BridgedProgram program,
      String predictor,
      FieldValues inputs,
      FieldValues outputs,
      List<Attempt> attempts) {
    return new Step(
        predictor,
        program.signatureOf(predictor),
        inputs,
        outputs,
        ResolvedParameters.none(predictor),
        attempts);
  }

  /** Waits for an answer; an interrupt cancels the run. */
  Prediction await(CompletableFuture<Prediction> prediction, String program) {
    try {
      return prediction.get();
    } catch (InterruptedException e) {
      prediction.cancel(/* mayInterruptIfRunning= */ true);
      Thread.currentThread().interrupt();
      throw new BridgeUnavailableException(
          "interrupted while waiting for program \"%s\"".formatted(program), /* begun= */ true, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError("runs fail with unchecked exceptions only", e);
    }
  }

  private static RuntimeException translated(
      String program, Throwable thrown, ModelCalls.OfRun record, Duration limit) {
    Throwable failure = thrown instanceof CompletionException e ? e.getCause() : thrown;
    if (failure instanceof RunStream.Refused refused) {
      return translated(program, refused.failure(), record.failure(), limit);
    }
    if (failure instanceof CancellationException e) {
      return e;
    }
    return failure instanceof RuntimeException e
        ? e
        : new BridgeUnavailableException(
            "program \"%s\" did not answer".formatted(program), /* begun= */ true, failure);
  }

  private static RuntimeException translated(
      String program, Failure failure, @Nullable Throwable cause, Duration limit) {
    return switch (failure.getReason()) {
      case PROGRAM_NOT_FOUND ->
          new ProgramNotFoundException(
              program,
              failure.getNamesList().stream().filter(name -> !name.equals(program)).toList());
      case DEADLINE_EXCEEDED -> new ProgramTimeoutException(program, limit, cause);
      case CANCELLED -> new CancellationException(failure.getMessage());
      case PROGRAM_FAILED, LM_FAILED, TOOL_FAILED, INTERNAL ->
          new ProgramFailedException(
              program,
              failure.getType().isEmpty() ? failure.getReason().name() : failure.getType(),
              failure.getMessage(),
              failure.getDetail(),
              cause);
      default -> Failures.exception(failure);
    };
  }

  private RuntimeException translated(String program, StatusRuntimeException e) {
    Failure failure = Failures.of(e);
    if (failure != null) {
      return translated(program, failure, e, timeout);
    }
    if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
      return new ProgramTimeoutException(program, timeout, e);
    }
    return new BridgeUnavailableException(
        "asking the sidecar for its programs: " + e.getStatus().getCode(), /* begun= */ false, e);
  }

  @Override
  public void close() {
    stream.close();
  }
}
