package io.trimtab.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The Python packages a sidecar runs on: the versions it accepts, and those it installs. */
final class PythonRequirements {

  /**
   * A package the sidecar imports.
   *
   * @param module what is imported
   * @param distribution what is installed
   * @param least the first version that will do
   * @param below the first version that is not known to do
   */
  record Own(String module, String distribution, String least, String below) {

    /** Returns the versions that will do, as pip takes them. */
    String range() {
      return "%s>=%s,<%s".formatted(distribution, least, below);
    }
  }

  /** What an interpreter must have to be used as it is. */
  static final List<Own> OWN =
      List.of(
          new Own("grpc", "grpcio", "1.66", "2"),
          new Own("google.protobuf", "protobuf", "5.26", "8"));

  /** The exact versions of a new environment, one a line. */
  private static final String PINS = "requirements.txt";

  private PythonRequirements() {}

  /** Returns what pip installs: exact versions, but of a package the user names the user's. */
  static List<String> pinned(List<String> users) {
    return with(users, pins());
  }

  /** Returns the same with ranges, for packages of the user's that no exact version suits. */
  static List<String> ranges(List<String> users) {
    return with(users, OWN.stream().map(Own::range).toList());
  }

  private static List<String> with(List<String> users, List<String> own) {
    Set<String> named = users.stream().map(PythonRequirements::name).collect(Collectors.toSet());
    List<String> all = new ArrayList<>(users);
    own.stream().filter(requirement -> !named.contains(name(requirement))).forEach(all::add);
    return all;
  }

  static List<String> pins() {
    try (InputStream in = PythonRequirements.class.getResourceAsStream(PINS)) {
      if (in == null) {
        throw new SidecarException(
            "the Python package: expected the resource " + PINS + ", found none", List.of(), null);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(PINS + " cannot be read", e);
    }
  }

  /** Returns the name of a required distribution, in the one spelling that pip compares. */
  static String name(String requirement) {
    return requirement
        .split("[\\s\\[<>=!~;@]", 2)[0]
        .replaceAll("[-_.]+", "-")
        .toLowerCase(Locale.ROOT);
  }
}
