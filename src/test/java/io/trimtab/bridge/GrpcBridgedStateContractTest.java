package io.trimtab.bridge;

/** The same over gRPC, which is all there is where there is no direct lane. */
@RequiresPython
final class GrpcBridgedStateContractTest extends BridgedStateContractTest {

  @Override
  Sidecar sidecar() {
    return TestSidecars.sharedWithoutLane();
  }
}
