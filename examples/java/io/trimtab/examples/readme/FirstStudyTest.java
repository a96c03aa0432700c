package io.trimtab.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FirstStudyTest {

  private static final Path HERE = Path.of("examples/java/io/trimtab/examples/readme");
  private static final Path OUTSIDE = Path.of("examples/first-program/src/main/java");

  private static String region() throws IOException {
    String file = Files.readString(HERE.resolve("FirstStudy.java"));
    int start = file.indexOf("// tag::readme[]\n") + "// tag::readme[]\n".length();
    return file.substring(start, file.indexOf("// end::readme[]"));
  }

  private static String printed() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      FirstStudy.main(new String[0]);
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void readme_holdsTheProgramAndWhatItPrints() throws IOException {
    String readme = Files.readString(Path.of("README.md"));

    assertThat(readme).contains("```java\n" + region() + "```");
    assertThat(readme.replace("\r\n", "\n")).contains(printed().replace("\r\n", "\n"));
  }

  @Test
  void outsideProject_holdsTheSameProgram() throws IOException {
    assertThat(OUTSIDE.resolve("FirstStudy.java")).hasContent(region());
  }
}
