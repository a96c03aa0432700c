package io.trimtab.lm;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes attempts for one answer in one piece. */
final class WholeAnswer implements ResilientCall.Exchange {

  private final LanguageModel model;
  private final CompletableFuture<LmResponse> result = new CompletableFuture<>();

  WholeAnswer(LanguageModel model) {
    this.model = model;
  }

  @Override
  public Attempt.Running start(LmRequest request, Attempt attempt, ResilientCall call) {
    CompletableFuture<LmResponse> answer = model.generateAsync(request);
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      call.answered(attempt, answer.join()); // the short way for models that need no wait
    } else {
      LmFutures.whenDone(
          answer,
          (response, failure) -> {
            if (failure != null) {
              call.failed(attempt, failure);
            } else if (response != null) {
              call.answered(attempt, response);
            } else {
              call.failed(attempt, new IllegalStateException("the model answered null: " + model));
            }
          });
    }
    return () -> answer.cancel(true);
  }

  @Override
  public boolean streamed() {
    return false;
  }

  @Override
  public boolean repeatable() {
    return true;
  }

  void ended(@Nullable LmResponse response, @Nullable Throwable failure) {
    if (failure != null) {
      result.completeExceptionally(failure);
    } else if (response != null) {
      result.complete(response);
    }
  }

  /** Returns the answer to come; cancelling it cancels the call. */
  CompletableFuture<LmResponse> future(ResilientCall call) {
    if (!result.isDone()) {
      LmFutures.whenDone(
          result,
          (response, failure) -> {
            if (result.isCancelled()) {
              call.cancel();
            }
          });
    }
    return result;
  }
}
