package io.trimtab.evaluate;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What an error comes down to: without the wrappings of futures, and in words. */
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

  /** Returns such as {@code LmServerException: overloaded}; packages are left out. */
  static String words(@Nullable Throwable error) {
    if (error == null) {
      return "no error";
    }
    String name = error.getClass().getName();
    String simple = name.substring(name.lastIndexOf('.') + 1);
    return error.getMessage() == null ? simple : simple + ": " + error.getMessage();
  }

  static RuntimeException unchecked(@Nullable Throwable error) {
    if (error instanceof Error serious) {
      throw serious;
    }
    return error instanceof RuntimeException plain ? plain : new CompletionException(error);
  }
}
