package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ThinkSplitterTest {

  private final StringBuilder reasoning = new StringBuilder();
  private final StringBuilder answer = new StringBuilder();

  private ThinkSplitter splitter() {
    reasoning.setLength(0);
    answer.setLength(0);
    return new ThinkSplitter(true, reasoning::append, answer::append);
  }

  /** Models get stuck in it, and the transport's thread serves other calls, too. */
  @ParameterizedTest
  @ValueSource(strings = {"", "<think></think>"})
  void add_whiteSpaceWithoutEnd_takesTimeInProportion(String before) {
    ThinkSplitter splitter = splitter();

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          splitter.add(before);
          for (int i = 0; i < 400_000; i++) {
            splitter.add(" ");
          }
          splitter.add("x");
        });

    assertThat(answer).hasSize(before.isEmpty() ? 400_001 : 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'plain'|''|'plain'",
        "'<think>a</think>b'|'a'|'b'",
        "'\n <think>a</think>\n\nb c'|'a'|'b c'",
        "'<think>a < b</thin k></think>b'|'a < b</thin k>'|'b'",
        "'<think>a'|'a'|''",
        "'<think>a</thi'|'a</thi'|''",
        "'<thi'|''|'<thi'",
        "'<thing>a'|''|'<thing>a'",
        "'  x <think>a</think>'|''|'  x <think>a</think>'",
        "'<think></think>b<think>c</think>'|''|'b<think>c</think>'",
        "'   '|''|'   '",
        "''|''|''",
      })
  void add_anyCutting_partsReasoningFromText(String text, String thought, String said) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      ThinkSplitter splitter = splitter();
      for (int at = 0; at < text.length(); ) {
        int size = Math.min(1 + random.nextInt(round + 1), text.length() - at);
        splitter.add(text.substring(at, at + size));
        at += size;
      }
      splitter.end();

      assertThat(reasoning).as("seed %d", seed).hasToString(thought);
      assertThat(answer).as("seed %d", seed).hasToString(said);
    }
  }

  @Test
  void add_disabled_leavesTheTextAlone() {
    new ThinkSplitter(false, reasoning::append, answer::append).add("<think>a</think>b");

    assertThat(answer).hasToString("<think>a</think>b");
  }
}
