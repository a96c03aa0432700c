package io.trimtab.bridge;

import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.Result;
import io.trimtab.state.Batch;
import io.trimtab.state.Commit;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An operation whose result has not arrived. */
final class Pending extends CompletableFuture<Result> {

  private final Operation operation;
  private final @Nullable Batch batch;

  /** What the replica was told it did, which comes before the result; null if nothing yet. */
  private volatile @Nullable Commit commit;

  Pending(Operation operation, @Nullable Batch batch) {
    this.operation = operation;
    this.batch = batch;
  }

  Operation operation() {
    return operation;
  }

  long sequence() {
    return operation.getSequence();
  }

  /** Returns what the caller asked to write, or null if it is another kind of operation. */
  @Nullable Batch batch() {
    return batch;
  }

  boolean isBarrier() {
    return operation.hasBarrier();
  }

  void applied(Commit commit) {
    this.commit = commit;
  }

  @Nullable Commit commit() {
    return commit;
  }
}
