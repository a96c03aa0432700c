package io.trimtab;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the code against the {@link Architecture}, and every rule against code that breaks it on
 * purpose.
 */
class ArchitectureTest {

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/test-classes/"))
          .withImportOption(location -> !location.contains("/bridge/wire/")) // generated
          .importPackages("io.trimtab");

  private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("planted");

  /** Which planted class must be named by which rule. */
  private static final Map<String, List<String>> PLANTED_VIOLATIONS =
      Map.ofEntries(
          Map.entry("floors", List.of("planted.lm.LooksUp", "planted.lm.LooksSideways")),
          Map.entry("cycles", List.of("planted.lm.LooksUp")),
          Map.entry("annexes", List.of("planted.study.UsesAnnex")),
          Map.entry("names", List.of("planted.util.Strings", "planted.state.StoreManager")),
          Map.entry("finality", List.of("planted.lm.Open")),
          Map.entry("exceptions", List.of("planted.state.Untyped")),
          Map.entry("globals", List.of("planted.lm.Open.counter")),
          Map.entry("doors", List.of("planted.state.StoreManager")),
          Map.entry("signatures", List.of("planted.lm.ShowsJackson")),
          Map.entry("deserialization", List.of("planted.state.StoreManager")),
          Map.entry("threadLocals", List.of("planted.state.StoreManager")),
          Map.entry("console", List.of("planted.state.StoreManager")));

  @TestFactory
  Stream<DynamicTest> theCodeKeepsEveryRule() {
    return new Architecture("io.trimtab")
        .rules().entrySet().stream()
            .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(MAIN)));
  }

  @TestFactory
  Stream<DynamicTest> everyRuleFindsItsPlantedViolation() {
    return new Architecture("planted")
        .rules().entrySet().stream()
            .map(
                rule ->
                    DynamicTest.dynamicTest(
                        rule.getKey(), () -> assertBites(rule.getKey(), rule.getValue())));
  }

  private static void assertBites(String name, ArchRule rule) {
    String report = rule.evaluate(PLANTED).getFailureReport().toString();

    assertThat(PLANTED_VIOLATIONS).containsKey(name);
    assertThat(report).contains(PLANTED_VIOLATIONS.get(name));
  }

  @Test
  void everyPackageOfTheHouseHasAFloor() {
    assertThat(MAIN)
        .extracting(type -> type.getPackageName().replaceFirst("^io\\.trimtab\\.?", ""))
        .allMatch(floor -> floor.isEmpty() || Architecture.FLOORS.containsKey(floor));
  }

  @Test
  void everyPackageIsNullMarked() throws IOException {
    for (String root : List.of("src/main/java", "src/tck/java", "examples/java")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        List<Path> packages =
            files
                .filter(file -> file.toString().endsWith(".java"))
                .map(Path::getParent)
                .distinct()
                .toList();

        assertThat(packages).isNotEmpty().allSatisfy(ArchitectureTest::assertNullMarked);
      }
    }
  }

  private static void assertNullMarked(Path folder) {
    assertThat(folder.resolve("package-info.java")).content().contains("@NullMarked");
  }
}
