package io.trimtab.bridge;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.util.List;

/**
 * The line a started sidecar introduces itself with.
 *
 * @param address where it listens, {@code unix:/path} or {@code tcp:host:port}
 * @param incarnation new with every start, or that of its data directory
 * @param software its name and version
 */
record Handshake(String address, String incarnation, String software) {

  /** What every address of a socket in the file system begins with. */
  static final String UNIX = "unix:";

  static Handshake parse(String line) {
    JsonObject fields;
    try {
      fields = Json.parseObject(line, JsonLimits.DEFAULT);
      return new Handshake(
          fields.string("address"), fields.string("incarnation"), fields.string("software"));
    } catch (JsonException e) {
      throw new SidecarException(
          "handshake: expected one line of JSON with address, incarnation and software, got \"%s\""
              .formatted(line),
          List.of(),
          e);
    }
  }
}
