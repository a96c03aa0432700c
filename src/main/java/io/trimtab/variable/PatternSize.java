package io.trimtab.variable;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bounds how many instructions an RE2 pattern compiles to, before it is compiled. */
final class PatternSize {
  /*
   * RE2 expands counted repetitions: ((a{1000}){1000}){1000} is 23 characters of pattern and a billion
   * instructions long, and the library expands it before it counts. So we multiply counts along the nesting ourselves.
   * Every character counts as one instruction, which is never too few by more than a small factor; malformed patterns
   * are left to the compiler's own error.
   */

  private static final long ENORMOUS = 1L << 40;

  private final String pattern;
  private final Deque<Long> outer = new ArrayDeque<>();
  private int at;
  private long sequence;
  private long atom;

  private PatternSize(String pattern) {
    this.pattern = pattern;
  }

  /** Returns an upper bound, up to a small factor. */
  static long of(String pattern) {
    return new PatternSize(pattern).measure();
  }

  private long measure() {
    while (at < pattern.length()) {
      char c = pattern.charAt(at);
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        characterClass();
      } else if (c == '(') {
        outer.push(sequence);
        sequence = 0;
        at++;
      } else if (c == ')') {
        atom = sequence + 1;
        sequence = outer.isEmpty() ? 0 : outer.pop();
        add(atom);
        at++;
      } else if (c == '{') {
        repetition();
      } else {
        literal(1);
      }
    }
    for (long rest : outer) {
      sequence = Math.min(sequence + rest, ENORMOUS);
    }
    return sequence;
  }

  private void literal(int length) {
    atom = 1;
    add(1);
    at += length;
  }

  private void add(long size) {
    sequence = Math.min(sequence + size, ENORMOUS);
  }

  /** Two characters, or a quotation \Q...\E. */
  private void escape() {
    if (!pattern.startsWith("\\Q", at)) {
      literal(2);
      return;
    }
    int end = pattern.indexOf("\\E", at + 2);
    int length = (end < 0 ? pattern.length() : end) - at - 2;
    add(length);
    atom = 1;
    at += 2 + length + (end < 0 ? 0 : 2);
  }

  private void characterClass() {
    int end = at + 1;
    if (end < pattern.length() && pattern.charAt(end) == '^') {
      end++;
    }
    end++; // a bracket in the first place is a member
    while (end < pattern.length() && pattern.charAt(end) != ']') {
      if (pattern.charAt(end) == '\\') {
        end++;
      } else if (pattern.startsWith("[:", end) && pattern.indexOf(":]", end) > 0) {
        end = pattern.indexOf(":]", end) + 1;
      }
      end++;
    }
    literal(end + 1 - at);
  }

  /** {@code {n}}, {@code {n,}} or {@code {n,m}}; anything else is a literal brace. */
  private void repetition() {
    int end = pattern.indexOf('}', at);
    String[] counts = end < 0 ? new String[0] : pattern.substring(at + 1, end).split(",", -1);
    long most = counts.length == 0 || counts.length > 2 ? -1 : count(counts[0]);
    if (counts.length == 2 && !counts[1].isEmpty()) {
      most = most < 0 ? -1 : Math.max(most, count(counts[1]));
    }
    if (most < 0) {
      literal(1);
      return;
    }
    long repeated = Math.min(atom * Math.max(most, 1) + 1, ENORMOUS);
    add(repeated - Math.min(atom, sequence));
    atom = repeated;
    at = end + 1;
  }

  private static long count(String digits) {
    if (digits.isEmpty() || digits.length() > 6) {
      return digits.isEmpty() ? -1 : 1_000_000;
    }
    return digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.parseLong(digits) : -1;
  }
}
