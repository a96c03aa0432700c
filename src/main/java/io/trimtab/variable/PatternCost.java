package io.trimtab.variable;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bounds the size of a regular expression's program before anybody compiles it. */
final class PatternCost {
  /*
   * RE2 unrolls counted repetitions, so ((((a{100}){100}){100}){100} is 30 characters and a hundred million
   * instructions. One pass over the pattern with a stack of open groups: an atom costs 1, a group the sum of its parts,
   * {n,m} multiplies what stands before it. Where the syntax is unclear the estimate errs upwards; the compiler judges
   * the syntax afterwards.
   */

  private final String pattern;
  private final Deque<Double> outer = new ArrayDeque<>();
  private double sum;
  private double last;
  private int at;

  private PatternCost(String pattern) {
    this.pattern = pattern;
  }

  /**
   * Returns roughly how many instructions the pattern compiles to; infinity if astronomically many.
   */
  static double of(String pattern) {
    return new PatternCost(pattern).scan();
  }

  private double scan() {
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      switch (c) {
        case '\\' -> escape();
        case '[' -> {
          skipClass();
          atom(1);
        }
        case '(' -> {
          outer.push(sum);
          sum = 0;
          last = 0;
        }
        case ')' -> close();
        case '{' -> repeat();
        default -> atom(1);
      }
    }
    while (!outer.isEmpty()) {
      close();
    }
    return sum;
  }

  private void atom(double cost) {
    sum += cost;
    last = cost;
  }

  private void close() {
    double group = sum + 2;
    sum = outer.isEmpty() ? 0 : outer.pop();
    atom(group);
  }

  private void escape() {
    if (at < pattern.length() && pattern.charAt(at) == 'Q') {
      int end = pattern.indexOf("\\E", at);
      int stop = end < 0 ? pattern.length() : end;
      atom(stop - at);
      at = end < 0 ? stop : end + 2;
    } else {
      at++;
      atom(1);
    }
  }

  private void skipClass() {
    int first = at < pattern.length() && pattern.charAt(at) == '^' ? at + 1 : at;
    for (int i = first; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == ']' && i > first) {
        at = i + 1;
        return;
      }
    }
    // never closed: the compiler will refuse it; count what follows as if it were no class
  }

  private void repeat() {
    long most = 0;
    long number = 0;
    int i = at;
    while (i < pattern.length()
        && (Character.isDigit(pattern.charAt(i)) || pattern.charAt(i) == ',')) {
      char c = pattern.charAt(i++);
      number = c == ',' ? 0 : Math.min(number * 10 + Character.digit(c, 10), 1_000_000);
      most = Math.max(most, number);
    }
    if (most > 0) {
      sum += last * most;
      last *= most + 1;
      at = i;
    } else {
      atom(1);
    }
  }
}
