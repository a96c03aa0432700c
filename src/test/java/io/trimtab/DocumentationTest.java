package io.trimtab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every Java block in README and docs stands, line by line, in a file the build compiles; every
 * relative link leads somewhere.
 */
class DocumentationTest {

  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#\\s]+)[^)]*\\)");

  private static List<Path> files(String ending, String... roots) {
    List<Path> found = new ArrayList<>();
    for (String root : roots) {
      try (Stream<Path> walk = Files.walk(Path.of(root))) {
        walk.filter(
                file -> file.toString().endsWith(ending) && !file.toString().contains("/target/"))
            .forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  private static List<Path> pages() {
    List<Path> pages = files(".md", "docs", "examples");
    pages.add(Path.of("README.md"));
    return pages;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines that matter, without indentation, tags and blank lines. */
  private static List<String> essence(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.matches("// (tag|end)::.*"))
        .toList();
  }

  private static final List<List<String>> SOURCES =
      files(".java", "src", "examples").stream().map(file -> essence(read(file))).toList();

  private static boolean isCompiledSomewhere(List<String> block) {
    return SOURCES.stream().anyMatch(source -> Collections.indexOfSubList(source, block) >= 0);
  }

  @TestFactory
  Stream<DynamicTest> everyJavaBlockIsARegionOfACompiledFile() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher blocks = JAVA_BLOCK.matcher(read(page));
      while (blocks.find()) {
        List<String> block = essence(blocks.group(1));
        tests.add(
            DynamicTest.dynamicTest(
                page + ": " + block.get(0),
                () ->
                    assertThat(isCompiledSomewhere(block))
                        .as("compiled somewhere:%n%s", String.join("\n", block))
                        .isTrue()));
      }
    }
    return tests.stream();
  }

  @Test
  void aBlockThatStandsNowhere_isFound() {
    assertThat(isCompiledSomewhere(List.of("Session." + "openTheMoon();"))).isFalse();
  }

  @TestFactory
  Stream<DynamicTest> everyRelativeLinkLeadsSomewhere() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher links = LINK.matcher(read(page));
      while (links.find()) {
        String target = links.group(1);
        Path folder = page.getParent() == null ? Path.of("") : page.getParent();
        tests.add(
            DynamicTest.dynamicTest(
                page + " -> " + target,
                () -> assertThat(folder.resolve(target).normalize()).exists()));
      }
    }
    return tests.stream();
  }
}
