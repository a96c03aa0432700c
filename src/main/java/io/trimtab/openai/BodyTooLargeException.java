package io.trimtab.openai;

import java.io.IOException;

/**
 * Says inside this package that a response outgrew its bound; callers see it as the cause of a
 * transport failure.
 */
final class BodyTooLargeException extends IOException {

  private static final long serialVersionUID = 1L;

  BodyTooLargeException(String what, long maxBytes) {
    super("%s exceeds the %d bytes allowed".formatted(what, maxBytes));
  }
}
