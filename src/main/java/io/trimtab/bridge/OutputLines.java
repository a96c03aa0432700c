package io.trimtab.bridge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** Reads what a process prints, always, so that it never blocks on a full pipe. */
final class OutputLines {

  private static final int KEPT = 40;
  private static final int LONGEST = 4096;

  private final Deque<String> last = new ArrayDeque<>(); // guarded by itself
  private final Thread reader;

  private OutputLines(String thread, InputStream stream, Consumer<String> each) {
    this.reader = new Thread(() -> read(stream, each), thread);
    reader.setDaemon(true);
  }

  /** Reads on a daemon thread until the stream ends. */
  static OutputLines follow(String thread, InputStream stream, Consumer<String> each) {
    OutputLines lines = new OutputLines(thread, stream, each);
    lines.reader.start();
    return lines;
  }

  private void read(InputStream stream, Consumer<String> each) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String shown = line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
        synchronized (last) {
          last.addLast(shown);
          if (last.size() > KEPT) {
            last.removeFirst();
          }
        }
        each.accept(shown);
      }
    } catch (IOException e) {
      // the process has ended and its pipe with it
    }
  }

  /** Waits for the end of the stream; a process that has ended may have left children with it. */
  void awaitEnd(Duration timeout) throws InterruptedException {
    reader.join(timeout.toMillis());
  }

  /** Returns the latest lines, oldest first. */
  List<String> last() {
    synchronized (last) {
      return List.copyOf(last);
    }
  }
}
