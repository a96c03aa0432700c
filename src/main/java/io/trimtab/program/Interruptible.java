package io.trimtab.program;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Turns blocking work into a future whose cancellation interrupts the work. */
final class Interruptible {

  private Interruptible() {}

  static <T> CompletableFuture<T> supply(Supplier<T> work, Executor executor) {
    CompletableFuture<T> result = new CompletableFuture<>();
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              try {
                result.complete(work.get());
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
              return null;
            });
    // Registered before the work can end, so a result that is there has passed this on.
    CompletableFuture<T> unused =
        result.whenComplete(
            (value, error) -> {
              if (result.isCancelled()) {
                task.cancel(/* mayInterruptIfRunning= */ true);
              }
            });
    executor.execute(task);
    return result;
  }
}
