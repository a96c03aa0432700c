package io.trimtab.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/writing-a-provider.md} against the outside project it explains. */
class ProviderGuideTest {

  private static final Path PROJECT = Path.of("examples", "own-provider");
  private static final Pattern BLOCK = Pattern.compile("```(?:java|xml)\n(.*?)```", Pattern.DOTALL);

  @Test
  void page_showsTheProjectsOwnCode() throws IOException {
    String code =
        Files.readString(PROJECT.resolve("src/main/java/com/example/state/FileState.java"))
            + Files.readString(
                PROJECT.resolve("src/test/java/com/example/state/FileStateTest.java"))
            + Files.readString(PROJECT.resolve("pom.xml"));
    Matcher block = BLOCK.matcher(Files.readString(Path.of("docs", "writing-a-provider.md")));
    int blocks = 0;
    while (block.find()) {
      assertThat(code).contains(block.group(1));
      blocks++;
    }

    assertThat(blocks).isEqualTo(3);
  }
}
