package io.trimtab.space.expression;

import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The variables an expression mentions.
 *
 * @param names every mentioned name by its slot
 * @param read the slots whose value is read
 * @param asked the slots that stand inside {@code has}
 */
record Mentions(SortedMap<Integer, String> names, Set<Integer> read, Set<Integer> asked) {

  static Mentions in(Node node) {
    Mentions found = new Mentions(new TreeMap<>(), new TreeSet<>(), new TreeSet<>());
    found.collect(node);
    return found;
  }

  private void collect(Node node) {
    if (node instanceof Node.Variable variable) {
      names.put(variable.slot(), variable.name());
      read.add(variable.slot());
    } else if (node instanceof Node.Has has) {
      names.put(has.slot(), has.name());
      asked.add(has.slot());
    }
    for (Node part : node.children()) {
      collect(part);
    }
  }
}
