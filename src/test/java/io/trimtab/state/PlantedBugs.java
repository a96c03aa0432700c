package io.trimtab.state;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithSize;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A reader with bugs put there on purpose, to see whether the fuzzer finds such things. Each needs
 * a sound document with something special in it, as real ones do.
 *
 * <p>Not named like a test: only {@link ImportFuzzTest} runs it, in a process of its own.
 */
final class PlantedBugs {

  private static final Set<String> FOUND = new TreeSet<>();
  private static final AtomicLong INPUTS = new AtomicLong();

  /** Fails once every bug has been met. */
  @FuzzTest
  void readOfAnyRecords(@NotNull @WithSize(max = 12) List<@NotNull ImportRecord> records) {
    long inputs = INPUTS.incrementAndGet();
    try {
      buggyRead(ImportRecord.document(records));
    } catch (ImportException e) {
      // documented
    } catch (RuntimeException e) {
      if (FOUND.add(e.getClass().getSimpleName())) {
        System.out.printf("PLANTED found %s after %d inputs%n", FOUND, inputs);
      }
    }
    if (FOUND.size() == 4) {
      throw new IllegalStateException("all planted bugs found");
    }
  }

  private static void buggyRead(byte[] document) {
    StateExport state = StateExport.readFrom(new ByteArrayInputStream(document));
    for (StateExport.Entry entry : state.variables()) {
      String name = entry.state().name();
      if (name.startsWith("nmax") && entry.state().version() >= 1L << 61) {
        throw new ArithmeticException("a version near the end of a long under a special name");
      }
      if (entry.state().value() instanceof Double number && number == 0 && 1 / number < 0) {
        throw new NumberFormatException("minus zero");
      }
      if (entry.history().size() == 37) {
        throw new IndexOutOfBoundsException("a history of a special length");
      }
      if (entry.state().value() instanceof Long
          && state.documents().stream().anyMatch(document1 -> document1.key().equals(name))) {
        throw new ClassCastException("a document named like an integer variable");
      }
    }
  }
}
