package io.trimtab.bridge;

import io.trimtab.bridge.wire.HostAnswer;
import io.trimtab.bridge.wire.HostCall;
import io.trimtab.bridge.wire.ModelCall;
import io.trimtab.bridge.wire.ToolRun;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.program.Tool;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers what Python asks: language models and tools by name, configuration spaces, guarded
 * writes.
 *
 * <p>Safe for use by many threads at once. No answer blocks the thread that asks.
 */
final class HostDesk {

  private final Map<String, LanguageModel> models;
  private final Map<String, Tool> tools;
  private final SpaceDesk spaces;
  private final ModelCalls calls;
  private final Executor executor;

  HostDesk(
      Map<String, LanguageModel> models,
      Map<String, Tool> tools,
      SpaceDesk spaces,
      ModelCalls calls,
      Executor executor) {
    this.models = Map.copyOf(models);
    this.tools = Map.copyOf(tools);
    this.spaces = spaces;
    this.calls = calls;
    this.executor = executor;
  }

  /**
   * Answers one call.
   *
   * @param chunks takes the pieces of a streamed answer, before the answer completes
   * @return the answer to come; it never fails but may say that the call did. Cancelling it stops
   *     the work
   */
  CompletableFuture<HostAnswer> answer(HostCall call, Consumer<HostAnswer> chunks) {
    CompletableFuture<HostAnswer> answer =
        switch (call.getKindCase()) {
          case MODEL -> ask(call, chunks);
          case TOOL -> work(() -> run(call.getTool()));
          case SPACE -> work(() -> spaces.answer(call.getSpace()));
          case COMMIT -> work(() -> spaces.commit(call.getCommit()));
          case KIND_NOT_SET ->
              CompletableFuture.completedFuture(
                  refused(new IllegalArgumentException("expected a call that this version knows")));
        };
    if (call.hasTimeoutMs()) {
      CompletableFuture<HostAnswer> bounded = answer;
      CompletableFuture<?> unused =
          CompletableFuture.runAsync(
              () -> bounded.cancel(/* mayInterruptIfRunning= */ true),
              CompletableFuture.delayedExecutor(call.getTimeoutMs(), TimeUnit.MILLISECONDS));
    }
    return answer;
  }

  private CompletableFuture<HostAnswer> ask(HostCall call, Consumer<HostAnswer> chunks) {
    try {
      ModelCall wanted = call.getModel();
      LanguageModel model = models.get(wanted.getName());
      if (model == null) {
        throw new IllegalArgumentException(
            "language model \"%s\": expected one of %s"
                .formatted(wanted.getName(), models.keySet()));
      }
      LmRequest request = within(call, WireModel.request(wanted.getRequest()));
      CompletableFuture<LmResponse> response =
          wanted.getStream()
              ? streamed(model.stream(request), chunks)
              : model.generateAsync(request);
      return answered(call.getRunId(), request, response, wanted.getStream());
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(refused(e));
    }
  }

  private static LmRequest within(HostCall call, LmRequest request) {
    if (!call.hasTimeoutMs()) {
      return request;
    }
    Duration limit = Duration.ofMillis(Math.max(1, call.getTimeoutMs()));
    Duration own = request.options().timeout();
    return own != null && own.compareTo(limit) <= 0 ? request : request.withTimeout(limit);
  }

  private CompletableFuture<HostAnswer> answered(
      String runId, LmRequest request, CompletableFuture<LmResponse> response, boolean streamed) {
    CompletableFuture<HostAnswer> answer = new CompletableFuture<>();
    CompletableFuture<?> unused =
        response.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                calls.answered(runId, request, value);
                answer.complete(
                    streamed
                        ? HostAnswer.newBuilder()
                            .setChunk(WireModel.chunk(new LmChunk.End(value)))
                            .build()
                        : HostAnswer.newBuilder().setModel(WireModel.response(value)).build());
              } else {
                Throwable cause = FailureMessages.unwrapped(failure);
                if (cause instanceof LmException lm) {
                  calls.failed(runId, lm);
                }
                answer.complete(refused(cause));
              }
            });
    CompletableFuture<?> unusedToo =
        answer.whenComplete(
            (value, failure) -> {
              if (answer.isCancelled()) {
                response.cancel(/* mayInterruptIfRunning= */ true);
              }
            });
    return answer;
  }

  private static CompletableFuture<LmResponse> streamed(
      Flow.Publisher<LmChunk> stream, Consumer<HostAnswer> chunks) {
    ChunkRelay relay = new ChunkRelay(chunks);
    stream.subscribe(relay);
    return relay.response();
  }

  private HostAnswer run(ToolRun run) {
    Tool tool = tools.get(run.getName());
    if (tool == null) {
      throw new IllegalArgumentException(
          "tool \"%s\": expected one of %s".formatted(run.getName(), tools.keySet()));
    }
    Object result = tool.call(WireData.plain(run.getArguments()));
    return HostAnswer.newBuilder().setTool(WireData.data(run.getName(), result)).build();
  }

  /** Does blocking work elsewhere; cancelling the future interrupts it. */
  private CompletableFuture<HostAnswer> work(Supplier<HostAnswer> work) {
    CompletableFuture<HostAnswer> answer = new CompletableFuture<>();
    FutureTask<@Nullable Void> task =
        new FutureTask<>(
            () -> {
              try {
                answer.complete(work.get());
              } catch (RuntimeException | StackOverflowError e) {
                answer.complete(refused(e));
              }
            },
            null);
    CompletableFuture<?> unused =
        answer.whenComplete(
            (value, failure) -> {
              if (answer.isCancelled()) {
                task.cancel(/* mayInterruptIfRunning= */ true);
              }
            });
    executor.execute(task);
    return answer;
  }

  private static HostAnswer refused(Throwable failure) {
    return HostAnswer.newBuilder().setFailure(FailureMessages.of(failure)).build();
  }
}
