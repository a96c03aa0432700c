package io.trimtab.study;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * Says that a study cannot be read from or written to where it is kept: the place is out of reach,
 * in use, or holds something else.
 */
public final class StudyStorageException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String place;

  /**
   * Creates an exception.
   *
   * @param place the file or key
   * @param message what was expected and what came
   * @param cause what made it happen, or null
   */
  public StudyStorageException(String place, String message, @Nullable Throwable cause) {
    super(place + ": " + message, cause);
    this.place = place;
  }

  /**
   * Returns where the study is kept.
   *
   * @return the file or key
   */
  public String place() {
    return place;
  }
}
