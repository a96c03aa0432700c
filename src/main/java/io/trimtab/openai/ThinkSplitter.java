package io.trimtab.openai;

import java.util.function.Consumer;

/**
 * Parts the reasoning that some servers leave inside the text, {@code <think>…</think>} at its
 * start, from the answer.
 */
final class ThinkSplitter {
  /*
   * Works on pieces of any size: what could still become a tag is held back until it is decided.
   * Only a tag at the very start counts, since later the model may be talking about tags. Blank
   * lines after the closing tag belong to the tag.
   */

  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  private enum Phase {
    START,
    THINKING,
    GAP,
    ANSWER
  }

  private final Consumer<String> reasoning;
  private final Consumer<String> answer;
  private final StringBuilder held = new StringBuilder();
  private Phase phase;
  private int blank; // how much of `held` is known to be white space at the start

  ThinkSplitter(boolean enabled, Consumer<String> reasoning, Consumer<String> answer) {
    this.phase = enabled ? Phase.START : Phase.ANSWER;
    this.reasoning = reasoning;
    this.answer = answer;
  }

  void add(String piece) {
    if (phase == Phase.ANSWER) {
      answer.accept(piece);
      return;
    }
    if (phase == Phase.START && held.length() == 0 && cannotOpen(piece)) {
      phase = Phase.ANSWER;
      answer.accept(piece);
      return;
    }
    held.append(piece);
    step();
  }

  private static boolean cannotOpen(String piece) {
    char first = piece.isEmpty() ? '<' : piece.charAt(0);
    return first != '<' && !Character.isWhitespace(first);
  }

  private void step() {
    if (phase == Phase.START) {
      start();
    }
    if (phase == Phase.THINKING) {
      think();
    }
    if (phase == Phase.GAP) {
      int text = blanks(held, 0);
      if (text < held.length()) {
        phase = Phase.ANSWER;
        release(text, held.length());
      } else {
        held.setLength(0);
      }
    }
  }

  private void start() {
    int at = blanks(held, blank);
    blank = at; // a model stuck in white space must not have all of it read again each time
    int have = Math.min(held.length() - at, OPEN.length());
    if (!OPEN.startsWith(held.substring(at, at + have))) {
      phase = Phase.ANSWER;
      release(0, held.length());
    } else if (have == OPEN.length()) {
      phase = Phase.THINKING;
      held.delete(0, at + have);
    }
  }

  private void think() {
    int close = held.indexOf(CLOSE);
    if (close >= 0) {
      emit(reasoning, 0, close);
      held.delete(0, close + CLOSE.length());
      phase = Phase.GAP;
      return;
    }
    int safe = held.length();
    for (int keep = Math.min(CLOSE.length() - 1, held.length()); keep > 0; keep--) {
      if (CLOSE.startsWith(held.substring(held.length() - keep))) {
        safe = held.length() - keep;
        break;
      }
    }
    emit(reasoning, 0, safe);
    held.delete(0, safe);
  }

  /** Lets go of what was held back: a tag that was never finished is text. */
  void end() {
    if (phase == Phase.THINKING) {
      emit(reasoning, 0, held.length());
    } else if (phase == Phase.START) {
      emit(answer, 0, held.length());
    }
    held.setLength(0);
  }

  private void release(int from, int to) {
    emit(answer, from, to);
    held.setLength(0);
  }

  private void emit(Consumer<String> to, int from, int until) {
    if (from < until) {
      to.accept(held.substring(from, until));
    }
  }

  private static int blanks(CharSequence text, int from) {
    int i = from;
    while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
      i++;
    }
    return i;
  }
}
