package io.trimtab.study;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * An immutable list that can be extended and changed cheaply: each change makes a new list that
 * shares almost everything with the old one, which stays as it was.
 */
final class PersistentList<E> extends AbstractList<E> implements RandomAccess {
  /*
   * A bit-partitioned trie of arrays of 32, as in Bagwell's ideal hash trees and Clojure's vectors; the last, incomplete leaf is
   * kept beside it, so that appending rarely touches the trie. get, plus and with cost O(log32 n): four levels hold a million
   * elements. This is what lets a study hand its whole history to samplers, listeners and reports at every trial without
   * copying it.
   */

  private static final int BITS = 5;
  private static final int WIDTH = 1 << BITS;
  private static final int MASK = WIDTH - 1;
  private static final PersistentList<?> EMPTY =
      new PersistentList<>(0, BITS, new Object[0], new Object[0]);

  private final int size;
  private final int shift;
  private final Object[] root;
  private final Object[] tail;

  private PersistentList(int size, int shift, Object[] root, Object[] tail) {
    this.size = size;
    this.shift = shift;
    this.root = root;
    this.tail = tail;
  }

  @SuppressWarnings("unchecked") // it holds no element that could be of another type
  static <E> PersistentList<E> empty() {
    return (PersistentList<E>) EMPTY;
  }

  static <E> PersistentList<E> copyOf(List<? extends E> elements) {
    PersistentList<E> copy = empty();
    for (E element : elements) {
      copy = copy.plus(element);
    }
    return copy;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  @SuppressWarnings("unchecked") // leaves hold only what plus() and with() were given
  public E get(int index) {
    Objects.checkIndex(index, size);
    return (E) leaf(index)[index & MASK];
  }

  private Object[] leaf(int index) {
    if (index >= tailStart()) {
      return tail;
    }
    Object[] node = root;
    for (int level = shift; level > 0; level -= BITS) {
      node = (Object[]) node[(index >>> level) & MASK];
    }
    return node;
  }

  private int tailStart() {
    return size - tail.length;
  }

  /** The list with one more element at its end. */
  PersistentList<E> plus(E element) {
    if (tail.length < WIDTH) {
      Object[] longer = Arrays.copyOf(tail, tail.length + 1);
      longer[tail.length] = element;
      return new PersistentList<>(size + 1, shift, root, longer);
    }
    boolean full = tailStart() == WIDTH << shift;
    Object[] grown =
        full ? new Object[] {root, path(shift, tail)} : withLeaf(shift, root, tailStart());
    return new PersistentList<>(
        size + 1, full ? shift + BITS : shift, grown, new Object[] {element});
  }

  private Object[] withLeaf(int level, Object[] node, int index) {
    int at = (index >>> level) & MASK;
    Object[] copy = Arrays.copyOf(node, Math.max(node.length, at + 1));
    if (level == BITS) {
      copy[at] = tail;
    } else {
      Object[] child = at < node.length ? (Object[]) node[at] : null;
      copy[at] = child == null ? path(level - BITS, tail) : withLeaf(level - BITS, child, index);
    }
    return copy;
  }

  /** A branch as high as {@code level} whose only leaf is {@code leaf}. */
  private static Object[] path(int level, Object[] leaf) {
    return level == 0 ? leaf : new Object[] {path(level - BITS, leaf)};
  }

  /** The list with another element at an index. */
  PersistentList<E> with(int index, E element) {
    Objects.checkIndex(index, size);
    if (index >= tailStart()) {
      Object[] copy = tail.clone();
      copy[index & MASK] = element;
      return new PersistentList<>(size, shift, root, copy);
    }
    return new PersistentList<>(size, shift, replaced(shift, root, index, element), tail);
  }

  private static Object[] replaced(int level, Object[] node, int index, Object element) {
    Object[] copy = node.clone();
    int at = (index >>> level) & MASK;
    copy[at] = level == 0 ? element : replaced(level - BITS, (Object[]) node[at], index, element);
    return copy;
  }
}
