package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.InRange;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithSize;
import com.code_intelligence.jazzer.mutation.annotation.WithUtf8Length;
import io.trimtab.Fuzzer;
import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Hostile documents: nothing but the documented exception, and a refused import changes nothing.
 *
 * <p>Not named like a test: the fuzzer instruments every class of its process, so {@link
 * ImportFuzzTest} runs each target in a process of its own.
 */
final class ImportFuzz {

  private static final byte[] SOUND = sound();

  /** Any bytes, which mostly test the parser. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void importOfAnyBytes(byte[] document) {
    if (document != null) {
      ImportTarget.offer(document);
    }
  }

  /**
   * A change to a sound document.
   *
   * @param at where, modulo its length
   * @param remove how many bytes go
   * @param insert what comes in their place
   */
  record Damage(
      @InRange(min = 0, max = 1 << 14) int at,
      @InRange(min = 0, max = 40) int remove,
      @NotNull @WithUtf8Length(max = 12) String insert) {}

  /** A sound document with a few bytes changed. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void importOfADamagedExport(@NotNull @WithSize(max = 6) List<@NotNull Damage> damages) {
    String document = new String(SOUND, StandardCharsets.UTF_8);
    for (Damage damage : damages) {
      int at = damage.at() % (document.length() + 1);
      int end = Math.min(document.length(), at + damage.remove());
      document = document.substring(0, at) + damage.insert() + document.substring(end);
    }
    ImportTarget.offer(document.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] sound() {
    List<ImportRecord> records = new ArrayList<>();
    for (int type = 0; type < 8; type++) {
      records.add(new ImportRecord(0, type, "v" + type, "text", 4, 0));
    }
    records.add(new ImportRecord(5, 0, "document", "content", 8, 0));
    records.add(new ImportRecord(6, 0, "v1", "lease", 0, 0));
    records.add(new ImportRecord(7, 0, "v1", "v2", 0, 0));
    records.add(new ImportRecord(8, 0, "gone", "", 12, 0));
    return ImportRecord.document(records);
  }

  /** Documents built from records, which mostly pass the parser and test what comes after it. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void importOfAnyRecords(@NotNull @WithSize(max = 12) List<@NotNull ImportRecord> records) {
    ImportTarget.offer(ImportRecord.document(records));
  }

  /** States built from records in memory, as a faulty provider might export them. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void importOfAnyState(@NotNull @WithSize(max = 12) List<@NotNull ImportRecord> records) {
    ImportTarget.offer(ImportRecord.state(records));
  }

  /** The JSON parser alone: what it accepts, it can write and read again. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void jsonOfAnyBytes(byte[] document) {
    if (document == null) {
      return;
    }
    Object tree;
    try {
      tree = Json.parse(document, new JsonLimits(1 << 16, 64, 1 << 14, 1 << 12));
    } catch (JsonException e) {
      return;
    }
    byte[] again = Json.write(tree).getBytes(StandardCharsets.UTF_8);
    assertThat(Json.parse(again, JsonLimits.DEFAULT)).isEqualTo(tree);
  }
}
