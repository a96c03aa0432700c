package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Definitions, their faults, and their JSON form. */
final class VariableTest {

  private static final int ROUND_TRIPS =
      "long".equals(System.getProperty("trimtab.profile")) ? 1_000_000 : 5_000;

  private static Variable<?> read(String json) {
    return Variable.fromTree(Json.parseObject(json, JsonLimits.DEFAULT));
  }

  @Test
  void name_rules() {
    for (String good :
        List.of("a", "_", "temperature", "space.name", "a-b", "A1", "x".repeat(128), "va", "var")) {
      assertThat(VariableNames.violation(good)).as(good).isEmpty();
    }
    for (String bad :
        List.of("", " ", "a b", "1a", "-a", ".a", "x".repeat(129), "\u00e9", "a/b", "a\n", "a*")) {
      assertThat(VariableNames.violation(bad)).as(bad).isPresent();
    }
    for (String reserved : List.of("var_", "var_x", "var_x_1")) {
      assertThat(VariableNames.isId(reserved)).isTrue();
      assertThatThrownBy(() -> Variable.bool(reserved, true))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("reserved for ids");
    }
  }

  @Test
  void define_badNameAndBadDefault_areBothListed() {
    InvalidDefinitionException e =
        catchThrowableOfType(
            InvalidDefinitionException.class, () -> Variable.floating("1x", 3.0, 0.0, 1.0));

    assertThat(e.violations()).hasSize(2);
    assertThat(e)
        .hasMessageContaining("name: expected")
        .hasMessageContaining("1x default: expected a finite number in [0.0, 1.0], got 3.0");
  }

  @Test
  void define_minAboveMax_isRefusedAtOnce() {
    assertThatThrownBy(() -> Variable.integer("x", 1, 5, 2))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("x min: expected at most max = 2, got 5");
  }

  @Test
  void define_badNameAndUnsoundDomain_areBothListed() {
    assertThatThrownBy(() -> Variable.choice("a b", "x", "x"))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("name: expected 1 to 128 letters")
        .hasMessageContaining("a b options: expected distinct options, got [x, x]");
  }

  @Test
  void define_defaultOfALesserType_becomesCanonical() {
    assertThat(Variable.of("x", FloatDomain.any(), 1).defaultValue()).isEqualTo(1.0);
    assertThat(Variable.of("x", IntegerDomain.any(), 42.0).defaultValue()).isEqualTo(42L);
    assertThat(Variable.choice("x", "first", "second").defaultValue()).isEqualTo("first");
    assertThatThrownBy(() -> Variable.choice("x")).isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void define_metadata_isBoundedAndStorable() {
    Variable<Boolean> variable = Variable.bool("x", true);
    for (int i = 0; i < Variable.MAX_METADATA; i++) {
      variable = variable.withMetadata("k" + i, "v");
    }
    Variable<Boolean> full = variable;

    assertThatThrownBy(() -> full.withMetadata("one more", "v"))
        .isInstanceOf(InvalidDefinitionException.class);
    assertThat(full.withMetadata("k1", "other").metadata()).containsEntry("k1", "other");
    assertThatThrownBy(() -> Variable.bool("x", true).withMetadata("k", "\ud800"))
        .isInstanceOf(InvalidDefinitionException.class);
    String longest = "k".repeat(VariableMetadata.MAX_KEY_LENGTH);
    assertThat(Variable.bool("x", true).withMetadata(longest, "v").metadata()).hasSize(1);
    for (String bad : List.of("", longest + "k", "zero \0")) {
      assertThatThrownBy(() -> Variable.bool("x", true).withMetadata(bad, "v"))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("metadata key: expected 1 to 256 characters");
    }
    assertThatThrownBy(() -> Variable.bool("x", true).describedAs("zero \0"))
        .isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void variations_leaveTheOriginal() {
    Variable<Boolean> original = Variable.bool("x", true);

    assertThat(original.named("y")).isNotEqualTo(original);
    assertThat(original.describedAs("d").description()).isEqualTo("d");
    assertThat(original.withMetadata("k", "v").metadata()).isEqualTo(Map.of("k", "v"));
    assertThat(original)
        .isEqualTo(Variable.bool("x", true))
        .hasSameHashCodeAs(Variable.bool("x", true));
    assertThat(original).hasToString("x: true or false, default true");
  }

  @Test
  void of_constraintKeys_buildTheDomain() {
    assertThat(Domain.of(VariableType.FLOAT, Map.of("min", 1L, "max", 2.5, "scale", "LOG")))
        .isEqualTo(new FloatDomain(1, 2.5, 0, Scale.LOG, false));
    assertThat(Domain.of(VariableType.INTEGER, Map.of("min", 0.0, "step", 2)))
        .isEqualTo(new IntegerDomain(0, Long.MAX_VALUE, 2, Scale.LINEAR));
    assertThat(
            Domain.of(
                VariableType.CHOICE,
                Map.of("options", List.of("a", "b"), "weights", List.of(1, 2.0))))
        .isEqualTo(new ChoiceDomain(List.of("a", "b"), List.of(1.0, 2.0), false));
    assertThat(Domain.of(VariableType.TENSOR, Map.of("shape", List.of(2L), "dtype", "INT32")))
        .isEqualTo(new TensorDomain(ElementType.INT32, List.of(2)));
    Map<String, Object> withNull = new HashMap<>();
    withNull.put("min", null);
    assertThat(Domain.of(VariableType.FLOAT, withNull)).isEqualTo(FloatDomain.any());
  }

  @Test
  void of_unknownKeysAndWrongTypes_areAllListed() {
    InvalidDefinitionException e =
        catchThrowableOfType(
            InvalidDefinitionException.class,
            () ->
                Domain.of(
                    VariableType.FLOAT,
                    Map.of("minimum", 1, "max", "2", "scale", "log", "allow_non_finite", 1)));

    assertThat(e.violations().stream().map(Violation::subject))
        .containsExactlyInAnyOrder("minimum", "max", "scale", "allow_non_finite");
    for (VariableType type : VariableType.values()) {
      assertThatThrownBy(() -> Domain.of(type, Map.of("nonsense", 1)))
          .as("%s", type)
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("nonsense");
    }
    for (Map<String, Object> bad :
        List.<Map<String, Object>>of(
            Map.of("dimensions", -1),
            Map.of("dimensions", 1L << 40),
            Map.of("dimensions", 1.5),
            Map.of("normalized", "yes"))) {
      assertThatThrownBy(() -> Domain.of(VariableType.EMBEDDING, bad))
          .isInstanceOf(InvalidDefinitionException.class);
    }
    for (Map<String, Object> bad :
        List.<Map<String, Object>>of(
            Map.of("shape", 3),
            Map.of("shape", List.of("x")),
            Map.of("shape", List.of(-1)),
            Map.of("dtype", "float32"),
            Map.of("dtype", 3))) {
      assertThatThrownBy(() -> Domain.of(VariableType.TENSOR, bad))
          .isInstanceOf(InvalidDefinitionException.class);
    }
    for (Map<String, Object> bad :
        List.<Map<String, Object>>of(
            Map.of("max_length", 1L << 40),
            Map.of("min_length", "1"),
            Map.of("pattern", 3),
            Map.of("allowed", "a"),
            Map.of("allowed", List.of(1)))) {
      assertThatThrownBy(() -> Domain.of(VariableType.STRING, bad))
          .isInstanceOf(InvalidDefinitionException.class);
    }
  }

  @Test
  void toTree_thenText_thenFromTree_isTheIdentity() {
    long seed = Long.getLong("trimtab.seed", 42);
    VariableGenerator generator = new VariableGenerator(seed);
    for (int i = 0; i < ROUND_TRIPS; i++) {
      Variable<?> variable = generator.next();

      String json = Json.write(variable.toTree());
      Variable<?> back = read(json);

      assertThat(back).as("seed %d, variable %d: %s", seed, i, json).isEqualTo(variable);
      assertThat(back.domain().constraints()).isEqualTo(variable.domain().constraints());
    }
  }

  @Test
  void anyValueOfADomain_encodedWrittenReadAndDecoded_isItself() {
    long seed = Long.getLong("trimtab.seed", 43);
    VariableGenerator generator = new VariableGenerator(seed);
    for (int i = 0; i < ROUND_TRIPS; i++) {
      Variable<?> variable = generator.next();

      assertThat(throughJson(variable.domain(), variable.defaultValue()))
          .as("seed %d, variable %d: %s", seed, i, variable)
          .isEqualTo(variable.defaultValue());
    }
  }

  private static Object throughJson(Domain<?> domain, Object value) {
    return throughJsonTyped(domain, value);
  }

  private static <T> Object throughJsonTyped(Domain<T> domain, Object value) {
    T typed = domain.valueClass().cast(value);
    return domain.decode(Json.parse(Json.write(domain.encode(typed))));
  }

  @Test
  void fromTree_malformedDocuments_areRefusedWithThePath() {
    Map<String, Class<? extends Exception>> bad = new HashMap<>();
    bad.put("{}", JsonException.class);
    bad.put("{\"name\":\"x\",\"type\":\"float\",\"default\":1}", JsonException.class);
    bad.put("{\"name\":\"x\",\"type\":\"FLOAT\",\"default\":1,\"more\":2}", JsonException.class);
    bad.put("{\"name\":3,\"type\":\"FLOAT\",\"default\":1}", JsonException.class);
    bad.put(
        "{\"name\":\"x\",\"type\":\"FLOAT\",\"default\":1,\"constraints\":[]}",
        JsonException.class);
    bad.put(
        "{\"name\":\"x\",\"type\":\"FLOAT\",\"default\":1,\"metadata\":{\"a\":1}}",
        JsonException.class);
    bad.put("{\"name\":\"x\",\"type\":\"FLOAT\"}", InvalidDefinitionException.class);
    bad.put(
        "{\"name\":\"x\",\"type\":\"FLOAT\",\"default\":\"NaN\"}",
        InvalidDefinitionException.class);
    bad.put(
        "{\"name\":\"x\",\"type\":\"INTEGER\",\"default\":1.5}", InvalidDefinitionException.class);
    bad.put(
        "{\"name\":\"x\",\"type\":\"EMBEDDING\",\"default\":[1e300]}",
        InvalidDefinitionException.class);
    bad.put(
        "{\"name\":\"var_x\",\"type\":\"BOOLEAN\",\"default\":true}",
        InvalidDefinitionException.class);
    bad.put(
        "{\"name\":\"x\",\"type\":\"STRING\",\"default\":\"\",\"constraints\":{\"pattern\":\"(\"}}",
        InvalidDefinitionException.class);

    bad.forEach((json, type) -> assertThatThrownBy(() -> read(json)).as(json).isInstanceOf(type));
  }

  @Test
  void violation_longOrOddValues_areShownShort() {
    assertThat(Violation.of("x", "less", "y".repeat(1000)).actual()).hasSize(80).endsWith("...");
    assertThat(Violation.of("x", "less", null).toString()).isEqualTo("x: expected less, got null");
    assertThat(Violation.missing("x", "something")).hasToString("x: expected something");
    assertThat(Violation.of("x", "y", new float[] {1f, 2f}).toString()).contains("1.0");
  }

  @Test
  void jsonObject_ofVariable_isNotNeededToBeOrdered() {
    assertThat(
            Variable.fromTree(
                JsonObject.of(Map.of("default", true, "type", "BOOLEAN", "name", "x"), "$")))
        .isEqualTo(Variable.bool("x", true));
  }

  @Test
  void define_nameThatBeginsWhatIsAtFault_isNamedNonetheless() {
    assertThatThrownBy(() -> Variable.floating("m", 0.5, 2, 1))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessage("m min: expected at most max = 1.0, got 2.0");
  }

  @Test
  void violation_withinItsOwnSubject_isLeftAlone() {
    Violation named = Violation.of("rate min", "at most 1", 2);

    assertThat(named.within("rate")).isSameAs(named);
    assertThat(named.within("rate min")).isSameAs(named);
    assertThat(named.within("ra").subject()).isEqualTo("ra rate min");
  }
}
