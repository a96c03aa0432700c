package io.trimtab.study;

import io.trimtab.TrimtabException;
import java.util.List;

/**
 * Says that a study was kept under other terms than it is opened with, so that its trials cannot be
 * compared; the answer is to restore the terms or to begin a new study.
 */
public final class StudyMismatchException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> differences;

  StudyMismatchException(String study, List<String> differences) {
    super(
        "study \"%s\" was kept under other terms: %s"
            .formatted(study, String.join("; ", differences)));
    this.differences = List.copyOf(differences);
  }

  /**
   * Returns every difference.
   *
   * @return a sentence for each, at least one
   */
  public List<String> differences() {
    return differences;
  }
}
