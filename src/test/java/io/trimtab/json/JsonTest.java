package io.trimtab.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the parser takes, what it refuses, and that writing and reading are inverse. */
final class JsonTest {

  private static final JsonLimits SMALL = new JsonLimits(1000, 5, 100, 50);

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // Accepted.

  @Test
  void parse_validDocuments_arePlainValues() {
    Map<String, Object> valid = new LinkedHashMap<>();
    valid.put("true", true);
    valid.put("false", false);
    valid.put("0", 0L);
    valid.put("-1", -1L);
    valid.put("42", 42L);
    valid.put("9223372036854775807", Long.MAX_VALUE);
    valid.put("-9223372036854775808", Long.MIN_VALUE);
    valid.put("9007199254740993", (1L << 53) + 1);
    valid.put("1.0", 1.0);
    valid.put("1e2", 100.0);
    valid.put("1E+2", 100.0);
    valid.put("1e-2", 0.01);
    valid.put("0.1", 0.1);
    valid.put("-0", -0.0);
    valid.put("-0.0", -0.0);
    valid.put("-0e1", -0.0);
    valid.put("1e-400", 0.0);
    valid.put("4.9e-324", Double.MIN_VALUE);
    valid.put("1.7976931348623157e308", Double.MAX_VALUE);
    valid.put("\"\"", "");
    valid.put("\"a\"", "a");
    valid.put("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    valid.put("\"\\u0041\\u00e9\"", "A\u00e9");
    valid.put("\"\\ud83d\\ude00\"", "\ud83d\ude00");
    valid.put("\"\ud83d\ude00\"", "\ud83d\ude00");
    valid.put("\"\\u0000\"", "\0");
    valid.put("\"\u007f\u2028\u2029\uffff\"", "\u007f\u2028\u2029\uffff");
    valid.put("[]", List.of());
    valid.put("{}", Map.of());
    valid.put(" \t\r\n[ 1 , 2 ]\n", List.of(1L, 2L));
    valid.put("[[],{}]", List.of(List.of(), Map.of()));
    valid.put("{\"a\":{\"b\":[1.5]}}", Map.of("a", Map.of("b", List.of(1.5))));
    valid.put("{\"\":1}", Map.of("", 1L));
    valid.put("{\"a\\u0000b\":1}", Map.of("a\0b", 1L));

    valid.forEach(
        (text, value) -> {
          assertThat(Json.parse(text)).as(text).isEqualTo(value);
          assertThat(Json.parse(utf8(text), JsonLimits.DEFAULT)).as(text).isEqualTo(value);
        });
    assertThat(Json.parse("null")).isNull();
    assertThat(Json.parse("[null]")).isEqualTo(Arrays.asList((Object) null));
  }

  @Test
  void parse_object_keepsTheOrderAndIsUnmodifiable() {
    Map<String, Object> map = JsonObject.of(Json.parse("{\"z\":1,\"a\":2,\"m\":3}"), "$").asMap();

    assertThat(map.keySet()).containsExactly("z", "a", "m");
    assertThatThrownBy(() -> map.put("x", 1)).isInstanceOf(UnsupportedOperationException.class);
    List<?> list = (List<?>) Json.parse("[1]");
    assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  // Refused.

  @Test
  void parse_invalidText_isRefused() {
    List<String> invalid = new ArrayList<>();
    // nothing, half of something, more than one thing
    invalid.addAll(List.of("", " ", "\n", "[", "{", "]", "}", "[1", "{\"a\"", "{\"a\":", "\"a"));
    invalid.addAll(List.of("1 2", "[] []", "{}x", "[1]]", "{}}", "null,", "true false", "1,"));
    invalid.addAll(List.of("{} // x", "/* */ {}", "# x\n1", "[1] \0", "[]\u00a0"));
    // numbers
    invalid.addAll(List.of("01", "-01", "+1", "1.", ".5", "-.5", "1e", "1e+", "1.e1", "0x10"));
    invalid.addAll(List.of("-", "--1", "1_000", "1,5", "NaN", "-NaN", "Infinity", "-Infinity"));
    invalid.addAll(List.of("1e400", "-1e400", "1.0e99999", "9223372036854775808", "1f", "1L"));
    invalid.addAll(List.of("-9223372036854775809", "1" + "0".repeat(999), "\uff11", "INF", "1a"));
    // literals
    invalid.addAll(List.of("nul", "nulls", "True", "TRUE", "tru", "undefined", "none"));
    // strings
    invalid.addAll(List.of("'a'", "\"a\n\"", "\"\t\"", "\"\0\"", "\"\u001f\"", "\"\\x41\""));
    invalid.addAll(List.of("\"\\u12\"", "\"\\u12G4\"", "\"\\\"", "\"\\a\"", "\"\\u\"", "a"));
    invalid.addAll(List.of("\"\\ud800\"", "\"\\udc00\"", "\"\\udc00\\ud800\"", "\"\\ud800x\""));
    invalid.addAll(List.of("\"\ud800\"", "\"\udc00\"", "{\"\\ud800\":1}", "\"\\ud800\\u0041\""));
    // arrays and objects
    invalid.addAll(List.of("[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1;2]", "(1)"));
    invalid.addAll(
        List.of("{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}"));
    invalid.addAll(List.of("{1:1}", "{null:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1:2}", "{\"a\",1}"));
    invalid.addAll(List.of("[\"a\":1]", "[}", "{]", "[{]}", "{\"a\":[}", "[\"a\",\n4\n,1,"));
    // duplicates, spelled alike or not
    invalid.addAll(
        List.of("{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "[{\"b\":{\"a\":1,\"a\":2}}]"));
    invalid.addAll(List.of("{\"\":1,\"\":2}"));
    // marks at the beginning
    invalid.addAll(List.of("\ufeff{}", "\ufeff", "\u00ef\u00bb\u00bf{}", "{}\ufeff"));

    for (String text : invalid) {
      assertThatThrownBy(() -> Json.parse(text)).as("<%s>", text).isInstanceOf(JsonException.class);
      if (!text.contains("\ud800") && !text.contains("\udc00")) {
        assertThatThrownBy(() -> Json.parse(utf8(text), JsonLimits.DEFAULT))
            .as("<%s> as bytes", text)
            .isInstanceOf(JsonException.class);
      }
    }
  }

  @Test
  void parse_malformedUtf8_isRefused() {
    Map<String, byte[]> malformed = new LinkedHashMap<>();
    malformed.put("overlong slash, 2 bytes", bytes('"', 0xc0, 0xaf, '"'));
    malformed.put("overlong slash, 3 bytes", bytes('"', 0xe0, 0x80, 0xaf, '"'));
    malformed.put("overlong slash, 4 bytes", bytes('"', 0xf0, 0x80, 0x80, 0xaf, '"'));
    malformed.put("overlong null", bytes('"', 0xc0, 0x80, '"'));
    malformed.put("lone continuation", bytes('"', 0x81, '"'));
    malformed.put("cut short", bytes('"', 0xe0, 0xff, '"'));
    malformed.put("ends in the middle", bytes('"', 0xf0, 0x9f));
    malformed.put("encoded surrogate", bytes('"', 0xed, 0xa0, 0x80, '"'));
    malformed.put("encoded pair", bytes('"', 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80, '"'));
    malformed.put("beyond the last plane", bytes('"', 0xf4, 0xbf, 0xbf, 0xbf, '"'));
    malformed.put("ff", bytes(0xff));
    malformed.put("latin-1", bytes('"', 0xe9, '"'));
    malformed.put("byte order mark", bytes(0xef, 0xbb, 0xbf, '{', '}'));
    malformed.put("UTF-16 with mark", "{}".getBytes(StandardCharsets.UTF_16));
    malformed.put("UTF-16BE", "[\"a\"]".getBytes(StandardCharsets.UTF_16BE));
    malformed.put("UTF-16LE", "[\"a\"]".getBytes(StandardCharsets.UTF_16LE));
    malformed.put("UTF-32", bytes(0, 0, 0, '[', 0, 0, 0, ']'));
    malformed.put("nothing", bytes());

    malformed.forEach(
        (what, utf8) ->
            assertThatThrownBy(() -> Json.parse(utf8, JsonLimits.DEFAULT))
                .as(what)
                .isInstanceOf(JsonException.class));
  }

  @Test
  void parse_beyondALimit_isRefused() {
    String longText = "\"" + "x".repeat(101) + "\"";
    for (String text :
        List.of(
            "[".repeat(6) + "]".repeat(6),
            "{\"a\":".repeat(6) + "1" + "}".repeat(6),
            longText,
            "{" + longText + ":1}" + " ".repeat(1000),
            "[" + "1,".repeat(60) + "1]",
            " ".repeat(1000) + "1")) {
      assertThatThrownBy(() -> Json.parse(text, SMALL)).as(text).isInstanceOf(JsonException.class);
      assertThatThrownBy(() -> Json.parse(utf8(text), SMALL)).isInstanceOf(JsonException.class);
    }
    assertThat(Json.parse("[".repeat(5) + "]".repeat(5), SMALL)).isInstanceOf(List.class);
    assertThatThrownBy(() -> Json.parse("{\"" + "k".repeat(60_000) + "\":1}"))
        .isInstanceOf(JsonException.class);
  }

  @Test
  void parse_bombs_areRefusedQuicklyAndWithoutOverflow() {
    long start = System.nanoTime();
    for (String bomb :
        List.of(
            "[".repeat(100_000),
            "[".repeat(10_000) + "]".repeat(10_000),
            "{\"a\":".repeat(10_000),
            "[{\"a\":".repeat(50_000),
            "\"" + "\\u00".repeat(10_000),
            "1" + "0".repeat(1_000_000),
            "0." + "1".repeat(1_000_000),
            "1e" + "9".repeat(100_000),
            "-".repeat(100_000),
            "{\"a\":1,".repeat(10_000))) {
      assertThatThrownBy(() -> Json.parse(bomb))
          .as(bomb.substring(0, 5))
          .isInstanceOf(JsonException.class);
    }
    assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
  }

  @Test
  void parse_error_saysWhere() {
    assertThatThrownBy(() -> Json.parse("{\n \"a\": 1,\n \"a\": 2}"))
        .hasMessageContaining("Duplicate")
        .hasMessageContaining("line 3");
    assertThatThrownBy(() -> Json.parse("[9223372036854775808]"))
        .hasMessageContaining("9223372036854775808 does not fit 64 bits");
    assertThatThrownBy(() -> Json.parse("[1] 2")).hasMessageContaining("after the document");
    assertThatThrownBy(() -> Json.parse("1" + "0".repeat(900)))
        .isInstanceOfSatisfying(
            JsonException.class, e -> assertThat(e.getMessage()).hasSizeLessThan(400));
  }

  @Test
  void limits_nonsense_isRefused() {
    assertThatThrownBy(() -> new JsonLimits(0, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new JsonLimits(1, 0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new JsonLimits(1, 1001, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new JsonLimits(1, 1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new JsonLimits(1, 1, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    JsonLimits boundless = new JsonLimits(Long.MAX_VALUE, 1000, Integer.MAX_VALUE, Long.MAX_VALUE);
    assertThat(Json.parse(utf8("[1]"), boundless)).isEqualTo(List.of(1L));
    assertThat(Json.parse("[".repeat(1000) + "]".repeat(1000), boundless)).isInstanceOf(List.class);
  }

  // Writing.

  @Test
  void write_thenParse_isTheIdentity() {
    SplittableRandom random = new SplittableRandom(Long.getLong("trimtab.seed", 7));
    for (int i = 0; i < 20_000; i++) {
      Object tree = tree(random, 4);

      assertThat(Json.parse(Json.write(tree))).as("tree %d", i).isEqualTo(tree);
      assertThat(Json.parse(Json.writePretty(tree))).as("tree %d", i).isEqualTo(tree);
    }
  }

  private static Object tree(SplittableRandom random, int depth) {
    switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0:
        return random.nextLong();
      case 1:
        return random.nextInt(100) - 50L;
      case 2:
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) ? value : -0.0;
      case 3:
        return random.nextBoolean();
      case 4:
        return "";
      case 5:
        return text(random);
      case 6:
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(random.nextInt(9) == 0 ? null : tree(random, depth - 1));
        }
        return list;
      default:
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.put(text(random) + i, tree(random, depth - 1));
        }
        return map;
    }
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      int codePoint = random.nextInt(random.nextBoolean() ? 128 : Character.MAX_CODE_POINT + 1);
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        text.appendCodePoint(codePoint);
      }
    }
    return text.toString();
  }

  @Test
  void write_whatHasNoJsonForm_isRefused() {
    Map<Object, Object> badKey = new HashMap<>();
    badKey.put(1, 2);
    for (Object bad :
        new Object[] {
          Double.NaN,
          Double.NEGATIVE_INFINITY,
          Float.NaN,
          new Object(),
          'c',
          new int[] {1},
          badKey,
          List.of(List.of(Double.NaN)),
          Map.of("a", new StringBuilder()),
          "lone \ud800",
          Map.of("\udc00", 1L)
        }) {
      assertThatThrownBy(() -> Json.write(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Json.writePretty(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void write_lesserNumberTypes_asTheirCanonicalForm() {
    assertThat(Json.write(List.of(1, (short) 2, 3L, 0.5f, 1.0))).isEqualTo("[1,2,3,0.5,1.0]");
  }

  @Test
  void write_deeperThanCanBeRead_isRefusedNotOverflown() {
    Object deep = List.of();
    for (int i = 0; i < 100_000; i++) {
      deep = List.of(deep);
    }
    Object tooDeep = deep;

    assertThatThrownBy(() -> Json.write(tooDeep)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void writePretty_isIndentedByTwo() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("a", List.of(1L));
    tree.put("b", Map.of());

    assertThat(Json.writePretty(tree)).isEqualTo("{\n  \"a\" : [\n    1\n  ],\n  \"b\" : { }\n}");
  }
}
