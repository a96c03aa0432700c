package io.trimtab.bridge;

import io.trimtab.bridge.wire.ClientFrame;

/** One connection over which frames travel to and fro, in order. */
interface FrameConnection {

  /** Sends a frame without waiting for the other side; by one thread at a time. */
  void send(ClientFrame frame);

  /** Tells whether everything sent so far is on its way. */
  boolean isReady();

  /** Ends the connection. Whoever listens may still be told so. */
  void cancel(String why);
}
