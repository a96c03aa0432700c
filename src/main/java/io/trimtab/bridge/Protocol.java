package io.trimtab.bridge;

import io.trimtab.bridge.wire.ProtocolVersion;

/** The version of the protocol this JVM speaks. */
final class Protocol {

  static final ProtocolVersion VERSION =
      ProtocolVersion.newBuilder().setMajor(1).setMinor(0).setSoftware("trimtab-jvm 0.1.0").build();

  private Protocol() {}
}
