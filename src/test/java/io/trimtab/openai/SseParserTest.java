package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SseParserTest {

  private final List<String> events = new ArrayList<>();
  private final SseParser parser =
      new SseParser(
          1024,
          (name, data, length) ->
              events.add(name + "|" + new String(data, 0, length, StandardCharsets.UTF_8)));

  private void feed(String text) throws IOException {
    parser.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "data: a\\n\\n~|a",
        "data:a\\n\\n~|a",
        "data:  a\\n\\n~| a",
        "data: a\\r\\n\\r\\n~|a",
        "data: a\\r\\r~|a",
        "event: error\\ndata: a\\n\\n~error|a",
        "id: 7\\nretry: 10\\ndata: a\\n\\n~|a",
        ": hello\\n\\n: again\\ndata: a\\n\\n~|a",
        "nonsense: a\\ndata: a\\n\\n~|a",
        "\uFEFFdata: a\\n\\n~|a",
        "data: a~|a",
        "data: a\\n~|a",
      })
  void feed_oneEvent_isReadAsTheStandardSays(String wire, String expected) throws IOException {
    feed(wire.replace("\\n", "\n").replace("\\r", "\r"));
    parser.end();

    assertThat(events).containsExactly(expected);
  }

  @Test
  void feed_severalDataLines_areJoined() throws IOException {
    feed("data: a\ndata\ndata: b\n\n");

    assertThat(events).containsExactly("|a\n\nb");
  }

  @Test
  void feed_commentsOnly_deliversNothing() throws IOException {
    feed(": a\n\n:\n\n\n\n");
    parser.end();

    assertThat(events).isEmpty();
  }

  @Test
  void feed_eventNameWithoutData_isForgottenAtTheBlankLine() throws IOException {
    feed("event: error\n\ndata: a\n\n");

    assertThat(events).containsExactly("|a");
  }

  @Test
  void feed_anyCutting_givesTheSameEvents() throws IOException {
    byte[] wire =
        "data: \u00e4\r\n\r\n: c\r\ndata: \ud83d\ude00\ndata: x\n\nevent: e\rdata: z\r\r"
            .getBytes(StandardCharsets.UTF_8);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      events.clear();
      for (int at = 0; at < wire.length; ) {
        int size = Math.min(1 + random.nextInt(5), wire.length - at);
        parser.feed(ByteBuffer.wrap(wire, at, size));
        at += size;
      }

      assertThat(events).as("seed %d", seed).containsExactly("|\u00e4", "|\ud83d\ude00\nx", "e|z");
    }
  }

  @Test
  void feed_lineBeyondTheBound_isRefusedBeforeItIsKept() {
    assertThatThrownBy(() -> feed("data: " + "x".repeat(2000)))
        .isInstanceOf(BodyTooLargeException.class)
        .hasMessageContaining("1024");
  }

  @Test
  void feed_eventOfManyLinesBeyondTheBound_isRefused() {
    assertThatThrownBy(() -> feed(("data: " + "x".repeat(100) + "\n").repeat(20)))
        .isInstanceOf(BodyTooLargeException.class)
        .hasMessageContaining("1024");
  }
}
