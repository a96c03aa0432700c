package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.trimtab.Fuzzer;
import io.trimtab.variable.Variable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Offers hostile states to a provider and judges what happens. */
final class ImportTarget {

  private static final ExportLimits LIMITS =
      new ExportLimits(1 << 20, 1 << 18, 1 << 16, 1_000, 100, 1_000);

  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_NANOS = 5_000_000_000L;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static {
    // Loading and instrumenting the classes takes more memory than any input may.
    for (int type = 0; type < 8; type++) {
      readAndOffer(
          ImportRecord.document(
              List.of(
                  new ImportRecord(0, type, "a", "b", 1, 0),
                  new ImportRecord(5, type, "c", "d", 2, 0),
                  new ImportRecord(6, type, "a", "b", 3, 0),
                  new ImportRecord(9, type, "a", "b", 4, 0))));
    }
  }

  private ImportTarget() {}

  /** Offers a document; returns whether it was accepted. */
  static boolean offer(byte[] document) {
    long start = Fuzzer.processorNanos();
    long bytes = allocated();
    boolean accepted = readAndOffer(document);
    long took = Fuzzer.processorNanos() - start;
    assertThat(took).as("nanoseconds for %d bytes", document.length).isLessThan(MOST_NANOS);
    if (allocated() - bytes > MOST_BYTES) {
      bytes = allocated(); // once more: the first time may have loaded and instrumented a class
      readAndOffer(document);
      assertThat(allocated() - bytes)
          .as("bytes allocated for %s", new String(document, StandardCharsets.UTF_8))
          .isLessThan(MOST_BYTES);
    }
    return accepted;
  }

  private static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private static boolean readAndOffer(byte[] document) {
    StateExport state;
    try {
      state = StateExport.readFrom(new ByteArrayInputStream(document), LIMITS);
    } catch (ImportException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(20_000);
      return false;
    }
    assertThat(offer(state)).as("a document that was read can be imported").isTrue();
    return true;
  }

  /** Offers a state; returns whether it was accepted. */
  static boolean offer(StateExport state) {
    try (LocalState target = LocalState.create()) {
      target.register(Variable.integer("kept", 1, 0, 9));
      target.set("kept", 2);
      StateExport before = essence(target.exportState());
      try {
        target.importState(state);
      } catch (ImportException e) {
        assertThat(essence(target.exportState())).isEqualTo(before);
        assertThat(target.set("kept", 3).version()).isEqualTo(3);
        return false;
      }
      checkUsable(target, state);
      return true;
    }
  }

  /** What was accepted is there, can be written and read, and can be worked with. */
  private static void checkUsable(LocalState target, StateExport state) {
    StateExport after = target.exportState();
    assertThat(after.variables()).isEqualTo(state.variables());
    assertThat(after.documents()).isEqualTo(state.documents());
    assertThat(after.retiredVersions()).isEqualTo(state.retiredVersions());
    assertThat(after.dependencies()).isEqualTo(state.dependencies());
    assertThat(after.revision()).isGreaterThanOrEqualTo(state.revision());
    assertThat(target.updateOrder()).hasSameSizeAs(state.variables());
    StateExport again = throughJson(after);
    assertThat(again).isEqualTo(after);
    for (StateExport.Entry entry : state.variables()) {
      VariableState old = entry.state();
      assertThat(target.get(old.id())).isEqualTo(target.get(old.name())).isEqualTo(old);
      WriteContext owner =
          target.leases().stream()
              .filter(lease -> lease.names().contains(old.name()))
              .findFirst()
              .map(lease -> WriteContext.JVM.onBehalfOf(lease.owner()))
              .orElse(WriteContext.JVM);
      assertThat(target.set(old.id(), old.value(), owner).version()).isEqualTo(old.version() + 1);
      assertThat(target.delete(old.name(), owner).version()).isEqualTo(old.version() + 1);
      assertThat(target.registerAll(List.of(old.variable()), owner).get(0).version())
          .isGreaterThan(old.version() + 1);
    }
  }

  private static StateExport throughJson(StateExport export) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      export.writeTo(out);
    } catch (IOException e) {
      throw new AssertionError("memory can be written", e);
    }
    return StateExport.readFrom(new ByteArrayInputStream(out.toByteArray()));
  }

  private static StateExport essence(StateExport export) {
    return new StateExport(
        "any",
        export.revision(),
        Instant.EPOCH,
        export.variables(),
        export.documents(),
        export.leases(),
        export.dependencies(),
        export.retiredVersions(),
        Map.of());
  }
}
