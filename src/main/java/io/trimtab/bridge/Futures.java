package io.trimtab.bridge;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.Failure;
import io.trimtab.state.StateUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Bridges gRPC's observers and futures. */
final class Futures {

  private Futures() {}

  /** Returns an observer of a call with one answer. */
  static <T> StreamObserver<T> single(CompletableFuture<T> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable error) {
        answer.completeExceptionally(error);
      }

      @Override
      public void onCompleted() {
        answer.completeExceptionally(new IllegalStateException("the call ended without an answer"));
      }
    };
  }

  /** Waits for a call that has a deadline of its own. */
  static <T> T get(String what, CompletableFuture<T> answer, String where) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StateUnavailableException(what + ": interrupted", /* applied= */ false, e);
    } catch (ExecutionException e) {
      Failure failure =
          e.getCause() instanceof StatusRuntimeException status ? Failures.of(status) : null;
      if (failure != null) {
        throw Failures.exception(failure, where);
      }
      throw new StateUnavailableException(
          "%s: the sidecar does not answer: %s".formatted(what, e.getCause()),
          /* applied= */ false,
          e.getCause());
    }
  }
}
