package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/**
 * Opening, using and closing models leaves nothing behind. Before JDK 21 an HTTP client can only be
 * ended by the garbage collector, so the tests call it until it has.
 */
final class LeakTest {

  private static final int CYCLES =
      System.getProperty("trimtab.profile", "short").equals("long") ? 1000 : 60;
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().startsWith("trimtab-openai")
                    || thread.getName().startsWith("HttpClient-"))
        .count();
  }

  private static long files() {
    if (!Files.isDirectory(OPEN_FILES)) {
      return 0; // not this operating system
    }
    long count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(OPEN_FILES)) {
      for (Path file : files) {
        count++;
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return count;
  }

  /** Waits until a count has fallen to what it was. */
  private static long settled(LongSupplier count, long wanted) {
    long until = System.nanoTime() + 30_000_000_000L;
    while (count.getAsLong() > wanted && System.nanoTime() - until < 0) {
      System.gc();
      LockSupport.parkNanos(50_000_000);
    }
    return count.getAsLong();
  }

  private static void cycle(RawServer server, RawServer hostile) throws Throwable {
    try (OpenAiModel model = OpenAiModelTest.at(server).build();
        OpenAiModel doomed =
            OpenAiModelTest.at(hostile).deadlines(HostileServerCheck.DEADLINES).build()) {
      for (Form form : Form.values()) {
        form.ask(model, "x");
        try {
          form.ask(doomed, "x");
        } catch (LmException e) {
          // as expected
        }
      }
      model.generateAsync(LmRequest.of("x")).cancel(true);
      Collected.of(model.stream(LmRequest.of("x"))).subscription.get().cancel();
    }
  }

  @Test
  void openAndClose_leavesNoThreadsAndSockets() throws Throwable {
    RawServer.Script dying =
        peer -> {
          peer.readRequest();
          peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
          peer.reset();
        };
    try (RawServer server = new RawServer(RawServer.always(RawServer.json(RawServer.answer("a"))));
        RawServer hostile = new RawServer(dying)) {
      cycle(server, hostile); // loads what is loaded once
      long threadsBefore = settled(LeakTest::threads, 0);
      long filesBefore = files();

      for (int i = 0; i < CYCLES; i++) {
        cycle(server, hostile);
      }

      assertThat(settled(LeakTest::threads, threadsBefore)).isLessThanOrEqualTo(threadsBefore);
      // Both ends of each connection are in this process; a few files come and go with the JVM.
      assertThat(settled(LeakTest::files, filesBefore + 4)).isLessThanOrEqualTo(filesBefore + 4);
    }
  }
}
