package io.trimtab.lm;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Bridges between the asynchronous and the blocking form of an answer, for writers of models. */
public final class LmFutures {

  private LmFutures() {}

  /**
   * Waits for an answer the way {@link LanguageModel#generate} promises: an interrupt cancels the
   * future and keeps the flag, and what the future failed with is thrown as it is.
   *
   * @param <T> the answer's type
   * @param future the answer to come
   * @param key who was asked, for the error message
   * @return the answer
   * @throws LmCancelledException if this thread was interrupted or the future was cancelled
   */
  public static <T> T await(CompletableFuture<T> future, ModelKey key) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw interrupted(key, e);
    } catch (CancellationException e) {
      throw new LmCancelledException(
          "expected an answer, but the call was cancelled", false, LmErrorOrigin.of(key), e);
    } catch (ExecutionException e) {
      throw unchecked(cause(e));
    }
  }

  /**
   * Refuses to begin a blocking call on a thread that is already interrupted.
   *
   * @param key who would have been asked, for the error message
   * @throws LmCancelledException if this thread's interrupt flag is set; it stays set
   */
  public static void requireNotInterrupted(ModelKey key) {
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(key, null);
    }
  }

  /**
   * Maps an answer and passes a cancellation back, which {@code thenApply} does not.
   *
   * @param <T> the type that comes
   * @param <R> the type that is wanted
   * @param source the future to map; cancelled when the result is
   * @param mapping applied to its value on the completing thread
   * @return a future that fails with the source's own error, never wrapped
   */
  public static <T, R> CompletableFuture<R> map(
      CompletableFuture<T> source, Function<? super T, ? extends R> mapping) {
    CompletableFuture<R> result = new CompletableFuture<>();
    whenDone(
        source,
        (value, error) -> {
          if (error != null) {
            result.completeExceptionally(cause(error));
            return;
          }
          try {
            result.complete(mapping.apply(value));
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    cancelWith(result, source);
    return result;
  }

  /** Lets the cancellation of one future cancel another. */
  static void cancelWith(CompletableFuture<?> result, CompletableFuture<?> source) {
    whenDone(
        result,
        (value, error) -> {
          if (result.isCancelled()) {
            source.cancel(true);
          }
        });
  }

  /** Runs an action at the end of a future whose own value goes elsewhere. */
  static <T> void whenDone(
      CompletableFuture<T> future,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> action) {
    CompletableFuture<T> unused = future.whenComplete(action);
  }

  /** Returns the error a future failed with, without the wrappings the JDK adds. */
  static Throwable cause(Throwable error) {
    Throwable inner = error;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  private static RuntimeException unchecked(Throwable error) {
    if (error instanceof Error serious) {
      throw serious;
    }
    return error instanceof RuntimeException plain ? plain : new CompletionException(error);
  }

  private static LmCancelledException interrupted(ModelKey key, @Nullable Throwable cause) {
    return new LmCancelledException(
        "expected an answer, but this thread was interrupted", true, LmErrorOrigin.of(key), cause);
  }
}
