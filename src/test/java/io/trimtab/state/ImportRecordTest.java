package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The fuzzer's records, tried at random: enough of them must pass the parser to be worth while. */
final class ImportRecordTest {

  private static final int STATES =
      "long".equals(System.getProperty("trimtab.profile")) ? 1_000_000 : 3_000;

  @Test
  void randomRecords_refusedOrNot_showNothingUndocumented() {
    long seed = Long.getLong("trimtab.seed", 11);
    SplittableRandom random = new SplittableRandom(seed);
    int read = 0;
    int taken = 0;
    for (int i = 0; i < STATES; i++) {
      List<ImportRecord> records = new ArrayList<>();
      for (int n = random.nextInt(5); n > 0; n--) {
        records.add(record(random));
      }
      try {
        read += ImportTarget.offer(ImportRecord.document(records)) ? 1 : 0;
        taken += ImportTarget.offer(ImportRecord.state(records)) ? 1 : 0;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d, state %d: %s".formatted(seed, i, records), e);
      }
    }

    assertThat(read).as("documents accepted of %d", STATES).isBetween(STATES / 10, STATES * 9 / 10);
    assertThat(taken).as("states accepted of %d", STATES).isBetween(STATES / 10, STATES * 9 / 10);
  }

  private static ImportRecord record(SplittableRandom random) {
    String[] texts = {"", "a", "b", "var_x", "\ud800", "\0", "NaN", "1e9", "(", "\u00e9", "n n"};
    long[] numbers = {0, 1, -1, 4, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 62, 1L << 53};
    return new ImportRecord(
        random.nextInt(10),
        random.nextInt(8),
        texts[random.nextInt(texts.length)] + random.nextInt(20),
        texts[random.nextInt(texts.length)],
        random.nextBoolean() ? numbers[random.nextInt(numbers.length)] : random.nextLong(),
        random.nextInt(41));
  }
}
