package io.trimtab.bridge;

import io.trimtab.bridge.wire.Commit;
import io.trimtab.state.Batch;
import io.trimtab.state.Write;
import io.trimtab.state.WriteContext;
import org.jspecify.annotations.Nullable;

/** Reads writes that Python asks this JVM to make. */
final class WireWrites {

  private static final String PYTHON = "python";

  private WireWrites() {}

  static Batch batch(Commit commit) {
    Batch.Builder batch = Batch.builder().context(context(commit.getContext()));
    commit
        .getRegistrationsList()
        .forEach(definition -> batch.register(WireVariables.variable(definition)));
    commit.getWritesList().forEach(write -> batch.add(write(write)));
    return commit.getBestEffort() ? batch.bestEffort().build() : batch.build();
  }

  static WriteContext context(io.trimtab.bridge.wire.WriteContext context) {
    return new WriteContext(
        context.getSource().isEmpty() ? PYTHON : context.getSource(),
        context.hasOwner() ? context.getOwner() : null,
        context.getMetadataMap());
  }

  private static Write write(io.trimtab.bridge.wire.Write write) {
    String key = write.getKey();
    @Nullable Long expected = write.hasExpectedVersion() ? write.getExpectedVersion() : null;
    return switch (write.getKindCase()) {
      case SET -> new Write.SetValue(key, WireValues.canonical(key, write.getSet()), expected);
      case DELETE -> new Write.DeleteVariable(key, expected);
      case EXPECT -> new Write.ExpectVersion(key, expected(key, expected));
      case PUT_DOCUMENT -> new Write.PutDocument(key, write.getPutDocument(), expected);
      case DELETE_DOCUMENT -> new Write.DeleteDocument(key, expected);
      case KIND_NOT_SET ->
          throw new IllegalArgumentException(
              key + ": expected a kind of write that this version knows");
    };
  }

  private static Long expected(String key, @Nullable Long version) {
    if (version == null) {
      throw new IllegalArgumentException(key + ": expected the version it must have, got none");
    }
    return version;
  }
}
