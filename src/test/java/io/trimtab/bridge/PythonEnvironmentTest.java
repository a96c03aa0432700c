package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which Python a sidecar runs on, and what is installed if none will do. */
@RequiresPython
@Timeout(60)
class PythonEnvironmentTest {

  @TempDir Path directory;

  @Test
  void pins_areExactVersions_asTheDocumentationSays() throws Exception {
    String guide = Files.readString(Path.of("docs", "bridge.md"));

    for (String pin : PythonRequirements.pins()) {
      assertThat(pin).matches("[a-z-]+==\\d+(\\.\\d+)+");
      assertThat(guide).contains("`" + pin.replace("==", " ") + "`");
    }
    assertThat(PythonRequirements.pins())
        .extracting(PythonRequirements::name)
        .containsAll(
            PythonRequirements.OWN.stream().map(PythonRequirements.Own::distribution).toList());
  }

  @Test
  void ranges_areThoseOfThePythonPackage() throws Exception {
    String project = Files.readString(Path.of("src", "python", "pyproject.toml"));

    assertThat(project)
        .contains(
            "dependencies = [\"%s\", \"%s\"]"
                .formatted(
                    PythonRequirements.OWN.stream()
                        .map(PythonRequirements.Own::range)
                        .toArray(Object[]::new)));
  }

  @Test
  void packagesTheUserNames_areTheUsers() {
    assertThat(PythonRequirements.pinned(List.of("dspy>=3", "Typing_Extensions")))
        .startsWith("dspy>=3", "Typing_Extensions")
        .noneMatch(requirement -> requirement.startsWith("typing-extensions=="))
        .anyMatch(requirement -> requirement.startsWith("grpcio=="));
    assertThat(PythonRequirements.ranges(List.of("protobuf==5.29.6")))
        .containsExactly("protobuf==5.29.6", "grpcio>=1.66,<2");
  }

  @Test
  void interpreter_withVersionsInRange_lacksNothing() throws Exception {
    Path python = interpreter();
    install("grpc", "grpcio", "1.66.0rc1");
    install("google/protobuf", "protobuf", "5.26.1");

    assertThat(lacking(python)).isEmpty();
  }

  @Test
  void interpreter_withVersionsOutOfRange_lacksThem() throws Exception {
    Path python = interpreter();
    install("grpc", "grpcio", "1.65.9");
    install("google/protobuf", "protobuf", "8.1");

    assertThat(lacking(python)).containsExactly("grpcio 1.65.9", "protobuf 8.1");
  }

  @Test
  void interpreter_withNothingOrAnothersNamespace_lacksTheModules() throws Exception {
    Path python = interpreter();
    assertThat(lacking(python)).containsExactly("grpc", "google.protobuf");

    install("google/cloud", "google-cloud-core", "2.4"); // makes the namespace "google"

    assertThat(lacking(python)).containsExactly("grpc", "google.protobuf");
  }

  /** Makes an environment without pip, into which nothing can be installed but by us. */
  private Path interpreter() throws Exception {
    Path python = PythonBuild.executable();
    Process venv =
        new ProcessBuilder(
                python == null ? "python3" : python.toString(),
                "-m",
                "venv",
                "--without-pip",
                "--copies",
                directory.toString())
            .inheritIO()
            .start();
    assertThat(venv.waitFor(30, TimeUnit.SECONDS)).isTrue();
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return PythonInterpreter.executableIn(directory, windows);
  }

  private void install(String module, String distribution, String version) throws Exception {
    Path packages;
    try (var found = Files.find(directory, 4, (path, is) -> path.endsWith("site-packages"))) {
      packages = found.findFirst().orElseThrow();
    }
    Path code = Files.createDirectories(packages.resolve(module));
    Files.writeString(code.resolve("__init__.py"), "");
    Path about =
        Files.createDirectories(
            packages.resolve("%s-%s.dist-info".formatted(distribution.replace('-', '_'), version)));
    Files.writeString(
        about.resolve("METADATA"),
        "Metadata-Version: 2.1\nName: %s\nVersion: %s\n".formatted(distribution, version));
  }

  private static List<String> lacking(Path python) {
    return PythonInterpreter.find(Sidecar.launch().python(python)).missing();
  }
}
