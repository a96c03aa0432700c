package io.trimtab.study;

/**
 * One thing a study wants much or little of.
 *
 * @param name what to call it in reports, such as {@code accuracy}; not blank
 * @param direction whether high or low scores are better
 */
public record Goal(String name, Direction direction) {

  /**
   * Rejects a blank name.
   *
   * @param name what to call it in reports, such as {@code accuracy}; not blank
   * @param direction whether high or low scores are better
   */
  public Goal {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a goal's name must not be blank");
    }
  }

  @Override
  public String toString() {
    return name + " (" + (direction == Direction.MAXIMIZE ? "maximized" : "minimized") + ")";
  }
}
