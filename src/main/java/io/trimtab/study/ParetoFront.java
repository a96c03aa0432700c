package io.trimtab.study;

import java.util.ArrayList;
import java.util.List;

/**
 * The complete trials that no other one beats at every goal; for one goal, those with the best
 * score.
 */
final class ParetoFront {

  private ParetoFront() {}

  /** Tells whether {@code a} is at least as good at every goal and better at one. */
  static boolean dominates(List<Goal> goals, Trial a, Trial b) {
    boolean better = false;
    for (int i = 0; i < goals.size(); i++) {
      Direction direction = goals.get(i).direction();
      double one = a.scores().get(i);
      double other = b.scores().get(i);
      if (direction.isBetter(other, one)) {
        return false;
      }
      better |= direction.isBetter(one, other);
    }
    return better;
  }

  /**
   * The front with one more trial, in order of number; the same list if a trial of the front
   * dominates it.
   */
  static List<Trial> with(List<Goal> goals, List<Trial> front, Trial added) {
    List<Trial> next = new ArrayList<>(front.size() + 1);
    for (Trial trial : front) {
      if (dominates(goals, trial, added)) {
        return front;
      }
      if (!dominates(goals, added, trial)) {
        next.add(trial);
      }
    }
    int at = next.size();
    while (at > 0 && next.get(at - 1).number() > added.number()) {
      at--;
    }
    next.add(at, added);
    return List.copyOf(next);
  }
}
