package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.Structure;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueReaderTest {

  private static Object read(String type, String raw) {
    return Field.of("f", type).read(raw);
  }

  @Test
  void read_scalars_followPydanticsLaxRules() {
    assertThat(read("int", " 3 ")).isEqualTo(3L);
    assertThat(read("int", "\"7\"")).isEqualTo(7L);
    assertThat(read("int", "3.0")).isEqualTo(3L);
    assertThat(read("float", "1e3")).isEqualTo(1000.0);
    assertThat(read("float", "3")).isEqualTo(3.0);
    assertThat(read("bool", "True")).isEqualTo(true);
    assertThat(read("bool", "no")).isEqualTo(false);
    assertThat(read("str", "3")).isEqualTo("3");
    assertThat(read("Any", "{\"a\": 1}")).isEqualTo(Map.of("a", 1L));
    for (String wrong : List.of("three", "3.5", "", "[3]", "{}")) {
      assertThatThrownBy(() -> read("int", wrong)).isInstanceOf(ValueReader.Mismatch.class);
    }
    for (String wrong : List.of("maybe", "2", "")) {
      assertThatThrownBy(() -> read("bool", wrong)).isInstanceOf(ValueReader.Mismatch.class);
    }
    assertThatThrownBy(() -> read("float", "1f")).isInstanceOf(ValueReader.Mismatch.class);
  }

  @Test
  void read_lists_forgiveWhatModelsWrite() {
    assertThat(read("list[int]", "[1, 2,]")).isEqualTo(List.of(1L, 2L));
    assertThat(read("list[str]", "['a', \"b\", 3]")).isEqualTo(List.of("a", "b", "3"));
    assertThat(read("list[str]", "```json\n[\"a\"]\n```")).isEqualTo(List.of("a"));
    assertThat(read("list[bool]", "[True, False]")).isEqualTo(List.of(true, false));
    assertThat(read("list[int]", "[1, 2")).as("cut off").isEqualTo(List.of(1L, 2L));
    assertThatThrownBy(() -> read("list[int]", "[1, \"x\"]")).hasMessageContaining("int at [1]");
  }

  @Test
  void read_unions_keepWhatFitsExactly() {
    assertThat(read("Union[float, int]", "3")).isEqualTo(3L);
    assertThat(read("Optional[int]", "null")).isNull();
    assertThat(read("Optional[int]", "None")).isNull();
    assertThat(read("Optional[str]", "null")).isNull();
    assertThat(read("Optional[str]", "[1] is a footnote")).isEqualTo("[1] is a footnote");
    assertThat(read("Union[int, str]", "12")).isEqualTo(12L);
    assertThat(read("Union[int, str]", "a dozen")).isEqualTo("a dozen");
  }

  @Test
  void read_literals_areUnwrapped() {
    assertThat(read("Literal['x', 'y']", "Literal['x']")).isEqualTo("x");
    assertThat(read("Literal['x', 'y']", "  \"y\" ")).isEqualTo("y");
    assertThat(read("Literal[1, 2]", "2")).isEqualTo(2L);
    assertThat(read("Literal[True]", "True")).isEqualTo(true);
    assertThatThrownBy(() -> read("Literal['x']", "X")).hasMessageContaining("one of [x]");
  }

  @Test
  void read_enumerations_byTextThenByName() {
    Map<String, String> constants = new LinkedHashMap<>();
    constants.put("red", "RED");
    constants.put("blue", "BLUE");
    Enumeration color = new Enumeration("Color", constants);

    assertThat(ValueReader.read(color, "RED")).isEqualTo("RED");
    assertThat(ValueReader.read(color, "blue")).isEqualTo("BLUE");
    assertThatThrownBy(() -> ValueReader.read(color, "green"))
        .isInstanceOf(ValueReader.Mismatch.class);
  }

  @Test
  void read_structures_checkMembersAndFillDefaults() {
    Structure person =
        new Structure(
            "Person",
            List.of(
                Field.of("name", "str"),
                Field.of("age", "int").with(Constraint.Kind.GE, 0),
                Field.of("nick", "Optional[str]"),
                Field.of("tags", "list[str]").withDefault(List.of("new"))));

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("name", "Ann");
    expected.put("age", 3L);
    expected.put("nick", null);
    expected.put("tags", List.of("new"));
    assertThat(ValueReader.read(person, "{'name': 'Ann', 'age': '3'}")).isEqualTo(expected);
    assertThatThrownBy(() -> ValueReader.read(person, "{\"name\": \"Ann\"}"))
        .hasMessageContaining("age");
    assertThatThrownBy(() -> ValueReader.read(person, "{\"name\": \"Ann\", \"age\": -1}"))
        .hasMessageContaining("greater than or equal to: 0");
  }

  @Test
  void lenientJson_anyText_neverThrowsNorOverflows() {
    long seed = 20261121;
    Random random = new Random(seed);
    String alphabet = "{}[]()\"'`,:\\/#\n abnTFtrue0123.-eu";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      LenientJson.parse(text.toString());
      LenientJson.firstObject(text.toString());
    }
    assertThat(LenientJson.parse("[".repeat(100_000))).isNull();
    assertThat(LenientJson.firstObject("{\"a\":".repeat(100_000))).isNull();
    assertThat(LenientJson.firstObject("{".repeat(100_000))).isNull();
  }

  @Test
  void firstObject_isFoundInProse() {
    assertThat(LenientJson.firstObject("Sure {not json} {\"a\": 'x', b: 5, // why\n} tail"))
        .isEqualTo(Map.of("a", "x", "b", 5L));
    assertThat(LenientJson.firstObject("[1, 2]")).isNull();
    assertThat(LenientJson.firstObject("{\"a\": \"cut o")).isEqualTo(Map.of("a", "cut o"));
  }

  @Test
  void pythonText_floats_areShortestAndInPythonsLayout() {
    // Expected texts are what Python 3 prints for repr().
    Object[][] pairs = {
      {0.1, "0.1"},
      {1.0, "1.0"},
      {-0.0, "-0.0"},
      {1e16, "1e+16"},
      {1e15, "1000000000000000.0"},
      {123456789012345680.0, "1.2345678901234568e+17"},
      {1e-4, "0.0001"},
      {1e-5, "1e-05"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {2e23, "2e+23"},
      {0.30000000000000004, "0.30000000000000004"},
      {2.5, "2.5"},
      {1234.5678, "1234.5678"},
      {9007199254740993.0, "9007199254740992.0"},
      {Double.NaN, "nan"},
      {Double.NEGATIVE_INFINITY, "-inf"},
    };
    for (Object[] pair : pairs) {
      assertThat(PythonText.number((Double) pair[0])).isEqualTo(pair[1]);
    }
  }

  @Test
  void pythonText_floats_alwaysReadBackTheSame() {
    Random random = new Random(7);
    for (int i = 0; i < 5_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertThat(Double.parseDouble(PythonText.number(value))).isEqualTo(value);
      }
    }
  }

  @Test
  void jsonSchema_ofAStructure_isSortedWithTypeFirst() {
    Structure street = new Structure("Street", List.of(Field.of("name", "str")));
    Structure person =
        new Structure(
            "Person",
            List.of(
                Field.of("full_name", "str").describedAs("first and last"),
                Field.of("age", "int").with(Constraint.Kind.GE, 0),
                Field.of("homes", new FieldType.ListOf(street)),
                Field.of("kind", "Literal['a', 'b']").withDefault("a")));

    assertThat(PythonText.json(JsonSchema.of(person)))
        .isEqualTo(
            "{\"type\": \"object\", \"$defs\": {\"Street\": {\"type\": \"object\", \"properties\":"
                + " {\"name\": {\"type\": \"string\", \"title\": \"Name\"}}, \"required\":"
                + " [\"name\"], \"title\": \"Street\"}}, \"properties\": {\"age\": {\"type\":"
                + " \"integer\", \"minimum\": 0, \"title\": \"Age\"}, \"full_name\": {\"type\":"
                + " \"string\", \"description\": \"first and last\", \"title\": \"Full Name\"},"
                + " \"homes\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/Street\"},"
                + " \"title\": \"Homes\"}, \"kind\": {\"type\": \"string\", \"default\": \"a\", \"enum\": [\"a\","
                + " \"b\"], \"title\": \"Kind\"}}, \"required\": [\"full_name\", \"age\","
                + " \"homes\"], \"title\": \"Person\"}");
  }

  @Test
  void plainValue_foreignTypes_areRefused() {
    assertThatThrownBy(() -> FieldValues.of("x", new Thread()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Thread");
    assertThat(FieldValues.of("x", 0.1f).get("x")).isEqualTo(0.1);
    assertThat(FieldValues.of("x", new int[] {1, 2}).get("x")).isEqualTo(List.of(1L, 2L));
    assertThat(FieldValues.of("x", Arrays.asList(1, null)).get("x"))
        .isEqualTo(Arrays.asList(1L, null));
  }
}
