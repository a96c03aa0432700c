package io.trimtab.evaluate;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Takes off the wrappings that futures put around an error. */
final class Failures {

  private Failures() {}

  static Throwable cause(Throwable error) {
    Throwable inner = error;
    while (inner.getCause() != null
        && (inner instanceof CompletionException || inner instanceof ExecutionException)) {
      inner = inner.getCause();
    }
    return inner;
  }

  static RuntimeException unchecked(@Nullable Throwable error) {
    if (error instanceof Error serious) {
      throw serious;
    }
    return error instanceof RuntimeException plain ? plain : new CompletionException(error);
  }
}
