package io.trimtab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.program.Example;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {

  @TempDir Path directory;

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private Path file(String name, String content) throws IOException {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void jsonl_linesBecomeExamples_inputsAndLabelsApart() throws IOException {
    Dataset dataset =
        Dataset.jsonl(
            file(
                "a.jsonl",
                "{\"text\": \"héllo\", \"label\": 1}\n\n{\"text\": \"x\", \"label\": null}\r\n"),
            "text");

    assertThat(dataset.size()).isEqualTo(2);
    assertThat(dataset.examples().get(0).inputs().asMap()).isEqualTo(Map.of("text", "héllo"));
    assertThat(dataset.examples().get(0).labels().asMap()).isEqualTo(Map.of("label", 1L));
  }

  @Test
  void jsonl_malformedLine_isNamed() throws IOException {
    Path broken = file("b.jsonl", "{\"text\": 1}\n{\"text\": \n");

    assertThatThrownBy(() -> Dataset.jsonl(broken, "text"))
        .isInstanceOfSatisfying(DatasetException.class, e -> assertThat(e.line()).isEqualTo(2))
        .hasMessageStartingWith("b.jsonl, line 2: ");
    assertThatThrownBy(() -> Dataset.jsonlText("{\"label\": 1}", "text"))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("expected the inputs [text], got [label]");
    assertThatThrownBy(() -> Dataset.jsonl(directory.resolve("none.jsonl"), "text"))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void files_thatAreNotUtf8_areRefused() throws IOException {
    Path latin = file("c.csv", "text\nh\u00e9llo\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> Dataset.csv(latin, "text"))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void csv_quotedFields_holdCommasBreaksAndQuotes() throws IOException {
    Dataset dataset =
        Dataset.csv(
            file("d.csv", "\uFEFFtext,label\r\n\"a, \"\"b\"\"\r\nc\",bug\r\n,\r\nplain,billing"),
            "text");

    assertThat(dataset.examples())
        .extracting(e -> e.values().asMap())
        .containsExactly(
            Map.of("text", "a, \"b\"\r\nc", "label", "bug"),
            Map.of("text", "", "label", ""),
            Map.of("text", "plain", "label", "billing"));
  }

  @Test
  void csv_malformed_isNamedWithItsLine() {
    assertCsv("text,label\na,b,c\n", 2, "expected 2 fields, got 3");
    assertCsv("text,label\n\"x\ny\",ok\n\"open,b\n", 4, "never closed");
    assertCsv("text,label\na\"b,c\n", 2, "a quote inside a field");
    assertCsv("text,label\n\"a\"b,c\n", 2, "after the closing quote");
    assertCsv("text,text\na,b\n", 1, "distinct columns");
    assertCsv("other\na\n", 1, "expected the inputs [text]");
    assertCsv("", 1, "header");
  }

  private static void assertCsv(String text, int line, String problem) {
    assertThatThrownBy(() -> Dataset.csvText(text, "text"))
        .isInstanceOfSatisfying(DatasetException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessageContaining(problem);
  }

  @Test
  void readers_anyText_giveADatasetOrADatasetException() {
    long seed = 11;
    Random random = new Random(seed);
    String alphabet = "text,\"\r\n{}:ab1\\";
    int read = 0;
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "text,b\n" : "{\"text\": 1}\n");
      for (int length = random.nextInt(30); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        Dataset csv = Dataset.csvText(text.toString(), "text");
        assertThat(csv).as("seed %d", seed).allMatch(e -> e.inputs().has("text"));
        read++;
      } catch (DatasetException e) {
        assertThat(e.line()).isPositive();
      }
      try {
        Dataset.jsonlText(text.toString(), "text");
      } catch (DatasetException e) {
        assertThat(e.line()).isPositive();
      }
    }
    assertThat(read).isPositive();
  }

  @Test
  void splits_areSeededAndLoseNothing() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      text.append("{\"n\": ").append(i).append("}\n");
    }
    Dataset all = Dataset.jsonlText(text.toString(), "n");

    Dataset.Split split = all.shuffled(7).split(0.7);

    assertThat(split.train().size()).isEqualTo(7);
    assertThat(split.test().size()).isEqualTo(3);
    assertThat(all.shuffled(7).examples()).isEqualTo(all.shuffled(7).examples());
    assertThat(all.shuffled(7).examples()).isNotEqualTo(all.examples());
    assertThat(all.shuffled(7)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(all.sample(4, 1).size()).isEqualTo(4);
    assertThatThrownBy(() -> all.split(1.1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Dataset.jsonlText("{}")).hasMessageContaining("at least one input");
  }

  @Test
  void example_inputWithoutValue_isRefused() {
    assertThatThrownBy(() -> Example.of(Map.of("a", 1)).withInputs("b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[b]");
  }
}
