package io.trimtab.bridge;

import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.ImportOpen;
import io.trimtab.bridge.wire.ImportRequest;
import io.trimtab.bridge.wire.ImportResponse;
import io.trimtab.bridge.wire.StateServiceGrpc;
import io.trimtab.state.StateExport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends whole states to a sidecar, each on a gRPC stream of its own. */
final class StateImports {

  private static final int FRAME_BYTES = 1 << 20;

  private final Sidecar sidecar;
  private final String sessionId;
  private final long client;

  StateImports(Sidecar sidecar, String sessionId, long client) {
    this.sidecar = sidecar;
    this.sessionId = sessionId;
    this.client = client;
  }

  /**
   * Sends a state and waits until the sidecar has taken it.
   *
   * @param sequence the operation's number, the same whenever it is sent again
   * @param restore whether it counts only if the sidecar holds nothing newer
   */
  ImportResponse send(StateExport state, long sequence, boolean restore, Duration timeout) {
    CompletableFuture<ImportResponse> response = new CompletableFuture<>();
    StreamObserver<ImportRequest> out =
        StateServiceGrpc.newStub(sidecar.channel())
            .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
            .withWaitForReady()
            .withExecutor(Runnable::run)
            .import_(Futures.single(response));
    out.onNext(
        ImportRequest.newBuilder()
            .setOpen(
                ImportOpen.newBuilder()
                    .setSessionId(sessionId)
                    .setProtocol(Protocol.VERSION)
                    .setClient(client)
                    .setSequence(sequence)
                    .setRestore(restore))
            .build());
    ImportRequest.Builder[] chunk = {ImportRequest.newBuilder()};
    int[] bytes = {0};
    WireStates.parts(
        state,
        part -> {
          chunk[0].addParts(part);
          bytes[0] += part.getSerializedSize();
          if (bytes[0] >= FRAME_BYTES) {
            out.onNext(chunk[0].build());
            chunk[0] = ImportRequest.newBuilder();
            bytes[0] = 0;
          }
        });
    out.onNext(chunk[0].build());
    out.onCompleted();
    return Futures.get("import", response, "session \"" + sessionId + "\"");
  }
}
