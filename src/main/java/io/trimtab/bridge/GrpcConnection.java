package io.trimtab.bridge;

import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.ClientFrame;
import io.trimtab.bridge.wire.ServerFrame;
import io.trimtab.bridge.wire.StateServiceGrpc;

/** Frames over gRPC: the way that always works. */
final class GrpcConnection implements FrameConnection {

  private final ClientCallStreamObserver<ClientFrame> out;

  private GrpcConnection(ClientCallStreamObserver<ClientFrame> out) {
    this.out = out;
  }

  static GrpcConnection open(Channel channel, StreamObserver<ServerFrame> listener) {
    StreamObserver<ClientFrame> out =
        StateServiceGrpc.newStub(channel).withExecutor(Runnable::run).connect(listener);
    return new GrpcConnection((ClientCallStreamObserver<ClientFrame>) out);
  }

  @Override
  public void send(ClientFrame frame) {
    out.onNext(frame);
  }

  @Override
  public boolean isReady() {
    return out.isReady();
  }

  @Override
  public void cancel(String why) {
    out.cancel(why, null);
  }
}
