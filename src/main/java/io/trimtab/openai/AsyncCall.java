package io.trimtab.openai;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A call whose answer arrives in a future. */
final class AsyncCall {

  private final ChatClient client;
  private final ChatCall call;
  private final CompletableFuture<LmResponse> future = new CompletableFuture<>();
  private volatile @Nullable Attempt running;

  AsyncCall(ChatClient client, ChatCall call) {
    this.client = client;
    this.call = call;
  }

  CompletableFuture<LmResponse> start() {
    launch();
    // Whoever completes the future from outside (a cancellation, orTimeout) no longer wants the
    // answer.
    var unused = future.whenComplete((answer, failure) -> cancelAttempt());
    return future;
  }

  private void cancelAttempt() {
    Attempt attempt = running;
    if (attempt != null) {
      attempt.cancel(); // no effect on one that has ended
    }
  }

  private void launch() {
    TimeLimits limits = call.limits();
    HttpCall http;
    try {
      http = call.encoded(limits);
    } catch (LmException e) {
      future.completeExceptionally(e);
      return;
    }
    WholeBody body = new WholeBody(call.maxBytes());
    Attempt attempt =
        new Attempt(
            body,
            call.failures(),
            client.watchdog(),
            limits,
            failure -> client.callBack(() -> ended(http, body, failure)));
    running = attempt;
    if (future.isDone()) {
      attempt.cancel();
    } else {
      attempt.start(client.transport(), http);
    }
  }

  private void ended(HttpCall http, WholeBody body, @Nullable LmException failure) {
    if (failure != null) {
      call.log(http, failure.getClass().getSimpleName());
      future.completeExceptionally(failure);
      return;
    }
    Refusal refusal = body.refusal();
    call.log(http, refusal == null ? "answered" : "status " + refusal.status());
    if (refusal == null) {
      complete(body);
    } else if (call.adaptsTo(refusal)) {
      launch();
    } else {
      future.completeExceptionally(call.failures().refused(refusal));
    }
  }

  private void complete(WholeBody body) {
    try {
      Answer answer = call.newAnswer(chunk -> {});
      future.complete(body.response(answer, call.model(), call.latency(), call.failures()));
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
    }
  }
}
