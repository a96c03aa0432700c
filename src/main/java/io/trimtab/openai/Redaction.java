package io.trimtab.openai;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Masks every credential a model was given, wherever a text from elsewhere repeats it. */
final class Redaction {

  private final List<Secret> secrets;

  Redaction(List<Secret> secrets) {
    this.secrets = List.copyOf(secrets);
  }

  String of(String text) {
    String safe = text;
    for (Secret secret : secrets) {
      safe = secret.redact(safe);
    }
    return safe;
  }

  /**
   * Returns the exception itself, or a copy of its messages and stack if any of them held a
   * credential.
   */
  IOException of(IOException failure) {
    return isClean(failure) ? failure : copyOf(failure);
  }

  /**
   * Returns the exception itself, or a copy of its messages and stack if any of them held a
   * credential.
   */
  Exception of(Exception failure) {
    return isClean(failure) ? failure : copyOf(failure);
  }

  private boolean isClean(Throwable failure) {
    int depth = 0;
    for (Throwable e = failure; e != null; e = e.getCause()) {
      String message = e.getMessage();
      if ((message != null && !of(message).equals(message)) || ++depth > 20) {
        return false;
      }
      for (Throwable other : e.getSuppressed()) {
        if (!isClean(other)) {
          return false;
        }
      }
    }
    return true;
  }

  private IOException copyOf(Throwable failure) {
    @Nullable String message = failure.getMessage();
    IOException copy =
        new IOException(failure.getClass().getName() + (message == null ? "" : ": " + of(message)));
    copy.setStackTrace(failure.getStackTrace());
    return copy;
  }
}
