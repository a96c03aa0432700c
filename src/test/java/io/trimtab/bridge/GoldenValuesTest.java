package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.bridge.wire.Value;
import io.trimtab.state.Write;
import io.trimtab.variable.Embedding;
import io.trimtab.variable.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The encoded values that Java and Python share; {@code test_values.py} holds Python to the same
 * file.
 */
final class GoldenValuesTest {

  private static final Path FILE =
      Path.of("src", "test", "resources", "io", "trimtab", "bridge", "golden-values.txt");

  /** Returns the values by name; {@code golden.py} has the same. */
  static Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("float zero", 0.0);
    values.put("float minus zero", -0.0);
    values.put("float nan", Double.NaN);
    values.put("float infinity", Double.POSITIVE_INFINITY);
    values.put("float minus infinity", Double.NEGATIVE_INFINITY);
    values.put("float smallest", Double.MIN_VALUE);
    values.put("float greatest", Double.MAX_VALUE);
    values.put("integer least", Long.MIN_VALUE);
    values.put("integer greatest", Long.MAX_VALUE);
    values.put("integer beyond doubles", (1L << 53) + 1);
    values.put("integer minus one", -1L);
    values.put("boolean true", true);
    values.put("boolean false", false);
    values.put("text empty", "");
    values.put(
        "text emoji", "tabs\tand \uD83D\uDE00 \uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67");
    values.put("text of ten megabytes", "0123456789".repeat(1 << 20));
    values.put("embedding of 1536", Embedding.of(ramp()));
    values.put(
        "tensor float32",
        Tensor.ofFloats(List.of(2, 2), 1.5f, -0.0f, Float.POSITIVE_INFINITY, 3.25f));
    values.put("tensor float64", Tensor.ofDoubles(List.of(3), 0.1, -0.0, Double.NaN));
    values.put("tensor int32", Tensor.ofInts(List.of(1, 2), Integer.MIN_VALUE, Integer.MAX_VALUE));
    values.put("tensor int64", Tensor.ofLongs(List.of(2), Long.MIN_VALUE, Long.MAX_VALUE));
    values.put("tensor scalar", Tensor.ofDoubles(List.of(), 2.5));
    values.put("tensor empty", Tensor.ofFloats(List.of(0, 3)));
    return values;
  }

  private static float[] ramp() {
    float[] ramp = new float[1536];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (float) (i / 1536.0 - 0.5);
    }
    return ramp;
  }

  @Test
  void everyValue_isEncodedAsTheFileSays_andReadBackEqual() throws Exception {
    Map<String, String> recorded = new LinkedHashMap<>();
    for (String line : Files.readAllLines(FILE, StandardCharsets.UTF_8)) {
      if (!line.startsWith("#")) {
        recorded.put(
            line.substring(0, line.indexOf(" = ")), line.substring(line.indexOf(" = ") + 3));
      }
    }

    Map<String, String> encoded = new LinkedHashMap<>();
    for (Map.Entry<String, Object> value : values().entrySet()) {
      byte[] bytes = WireValues.of(value.getValue()).toByteArray();
      encoded.put(value.getKey(), shown(bytes));
      assertThat(WireValues.canonical(value.getKey(), Value.parseFrom(bytes)))
          .as(value.getKey())
          .isEqualTo(value.getValue());
    }
    List<PlainSet> plain = new ArrayList<>();
    for (Map.Entry<String, Object> value : values().entrySet()) {
      PlainSet set =
          PlainSet.of(new Write.SetValue(value.getKey(), value.getValue(), null), value.getValue());
      if (set != null) {
        plain.add(set);
      }
    }
    encoded.put("columns of those that are plain", shown(WireColumns.of(plain).toByteArray()));

    assertThat(encoded).isEqualTo(recorded);
  }

  private static String shown(byte[] bytes) throws Exception {
    HexFormat hex = HexFormat.of();
    return bytes.length <= 200
        ? hex.formatHex(bytes)
        : "%d bytes, sha256 %s"
            .formatted(
                bytes.length, hex.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
  }
}
