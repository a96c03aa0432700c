package io.trimtab.evaluate;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows the progress of an evaluation: one line that is redrawn on a terminal, a line per tenth in
 * a log.
 *
 * <p>For one evaluation at a time.
 */
public final class ProgressBar implements Progress {

  private static final int WIDTH = 30;

  private final PrintStream out;
  private final boolean terminal;
  private final String label;
  private int shown = -1; // progress calls come one at a time

  private ProgressBar(PrintStream out, boolean terminal, String label) {
    this.out = out;
    this.terminal = terminal;
    this.label = label;
  }

  /**
   * Shows progress on a stream: redrawn if the process has a terminal, as log lines if not.
   *
   * @param out such as {@code System.err}
   * @param label what is under way
   * @return the bar
   */
  public static ProgressBar on(PrintStream out, String label) {
    return new ProgressBar(out, hasTerminal(), label);
  }

  @SuppressWarnings("SystemConsoleNull") // where that says nothing (JDK 22), isTerminal() is asked
  private static boolean hasTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // before JDK 22 a console is a terminal
    }
  }

  /**
   * Shows progress on one line that is redrawn.
   *
   * @param out a terminal
   * @param label what is under way
   * @return the bar
   */
  public static ProgressBar onTerminal(PrintStream out, String label) {
    return new ProgressBar(out, /* terminal= */ true, label);
  }

  /**
   * Shows progress as a line per tenth.
   *
   * @param out a log
   * @param label what is under way
   * @return the bar
   */
  public static ProgressBar inLog(PrintStream out, String label) {
    return new ProgressBar(out, /* terminal= */ false, label);
  }

  @Override
  public void advanced(State state) {
    int percent = (int) (100L * state.done() / state.total());
    int mark = terminal ? percent : percent / 10;
    boolean last = state.done() == state.total();
    if (mark == shown && !last) {
      return;
    }
    shown = mark;
    if (terminal) {
      out.print("\r" + bar(percent) + " " + words(state) + (last ? System.lineSeparator() : ""));
      out.flush();
    } else {
      out.println("%s %d%% %s".formatted(label, percent, words(state)));
    }
  }

  private String bar(int percent) {
    int filled = WIDTH * percent / 100;
    return "%s [%s%s] %3d%%"
        .formatted(label, "#".repeat(filled), ".".repeat(WIDTH - filled), percent);
  }

  private static String words(State state) {
    return String.format(
        Locale.ROOT,
        "%d/%d, score %.3f%s",
        state.done(),
        state.total(),
        state.score(),
        state.failed() == 0 ? "" : ", " + state.failed() + " failed");
  }
}
