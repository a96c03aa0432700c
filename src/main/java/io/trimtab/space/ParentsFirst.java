package io.trimtab.space;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Sorts slots so that parents come before children, or finds a circle. */
final class ParentsFirst {
  /*
   * Depth-first topological sort with an explicit stack, in the order of declaration where conditions leave a choice.
   * A slot met again while it is still on the stack closes a circle.
   */

  private enum Mark {
    NEW,
    OPEN,
    DONE
  }

  private final int[][] parents;
  private final Mark[] marks;
  private final List<Integer> order = new ArrayList<>();
  private List<Integer> circle = List.of();

  ParentsFirst(int[][] parents) {
    this.parents = parents;
    this.marks = new Mark[parents.length];
    Arrays.fill(marks, Mark.NEW);
    for (int slot = 0; slot < parents.length && circle.isEmpty(); slot++) {
      visit(slot);
    }
  }

  private void visit(int start) {
    Deque<Integer> path = new ArrayDeque<>();
    path.addLast(start);
    while (!path.isEmpty() && circle.isEmpty()) {
      int slot = path.getLast();
      if (marks[slot] == Mark.DONE) {
        path.removeLast();
        continue;
      }
      marks[slot] = Mark.OPEN;
      int next = nextParent(slot, path);
      if (next >= 0) {
        path.addLast(next);
      } else if (circle.isEmpty()) {
        marks[slot] = Mark.DONE;
        order.add(slot);
        path.removeLast();
      }
    }
  }

  private int nextParent(int slot, Deque<Integer> path) {
    for (int parent : parents[slot]) {
      if (marks[parent] == Mark.OPEN) {
        List<Integer> all = new ArrayList<>(path);
        circle = new ArrayList<>(all.subList(all.indexOf(parent), all.size()));
        circle.add(parent);
        return -1;
      }
      if (marks[parent] == Mark.NEW) {
        return parent;
      }
    }
    return -1;
  }

  /** Returns the slots, parents first; incomplete if there is a circle. */
  int[] order() {
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Returns a circle, its first slot repeated at the end, or an empty list. */
  List<Integer> circle() {
    return circle;
  }
}
