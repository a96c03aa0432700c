package io.trimtab.openai;

/** Counts the text an answer keeps, so that a stream without end cannot fill the memory. */
final class TextBudget {

  private final long max;
  private long taken;

  TextBudget(long max) {
    this.max = max;
  }

  void take(int characters) throws BodyTooLargeException {
    taken += characters;
    if (taken > max) {
      throw new BodyTooLargeException("the text of the answer", max);
    }
  }
}
