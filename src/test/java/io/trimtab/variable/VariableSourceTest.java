package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Typed reading of values, wherever they come from. */
final class VariableSourceTest {

  private static final VariableSource SOURCE =
      VariableSource.of(
          Map.of(
              "temperature",
              0.2,
              "tokens",
              512,
              "big",
              1L << 40,
              "flag",
              true,
              "model",
              "small",
              "vector",
              new float[] {1f, 2f}));

  @Test
  void getters_rightType_returnTheValue() {
    assertThat(SOURCE.getDouble("temperature")).isEqualTo(0.2);
    assertThat(SOURCE.getDouble("tokens")).isEqualTo(512.0);
    assertThat(SOURCE.getLong("tokens")).isEqualTo(512L);
    assertThat(SOURCE.getInt("tokens")).isEqualTo(512);
    assertThat(SOURCE.getBoolean("flag")).isTrue();
    assertThat(SOURCE.getString("model")).isEqualTo("small");
    assertThat(SOURCE.get("vector")).isEqualTo(Embedding.of(1f, 2f));
    assertThat(SOURCE.get(Variable.integer("tokens", 1, 0, 9999))).isEqualTo(512L);
    assertThat(SOURCE.get(Variable.floating("tokens", 1, 0, 9999))).isEqualTo(512.0);
  }

  @Test
  void getters_wrongType_sayWhatWasExpectedAndWhatCame() {
    assertThatThrownBy(() -> SOURCE.getDouble("model"))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("model: expected a number, got \"small\"");
    assertThatThrownBy(() -> SOURCE.getLong("temperature"))
        .hasMessage("temperature: expected an integer, got 0.2");
    assertThatThrownBy(() -> SOURCE.getInt("big")).hasMessageContaining("32-bit");
    assertThatThrownBy(() -> SOURCE.getBoolean("tokens")).hasMessageContaining("true or false");
    assertThatThrownBy(() -> SOURCE.getString("flag")).hasMessageContaining("expected text");
    assertThatThrownBy(() -> SOURCE.get(Variable.integer("model", 1, 0, 9)))
        .isInstanceOf(InvalidValueException.class);
    assertThatThrownBy(() -> SOURCE.get(Variable.integer("temperature", 1, 0, 9)))
        .isInstanceOf(InvalidValueException.class);
  }

  @Test
  void getters_missingVariable_sayWhereItIsMissing() {
    List<Runnable> reads =
        List.of(
            () -> SOURCE.get("nowhere"),
            () -> SOURCE.getDouble("nowhere"),
            () -> SOURCE.getLong("nowhere"),
            () -> SOURCE.getInt("nowhere"),
            () -> SOURCE.getBoolean("nowhere"),
            () -> SOURCE.getString("nowhere"),
            () -> SOURCE.get(Variable.bool("nowhere", true)));
    for (Runnable read : reads) {
      assertThatThrownBy(read::run)
          .isInstanceOfSatisfying(
              VariableNotFoundException.class, e -> assertThat(e.key()).isEqualTo("nowhere"))
          .hasMessageContaining("the constants");
    }
    assertThat(SOURCE.lookup("nowhere")).isNull();
    assertThat(SOURCE.has("nowhere")).isFalse();
    assertThat(SOURCE.has("flag")).isTrue();
    assertThat(VariableSource.empty().lookup("x")).isNull();
  }

  @Test
  void of_mapChangedLater_changesNothing() {
    Map<String, Object> map = new HashMap<>(Map.of("x", 1));
    VariableSource source = VariableSource.of(map);

    map.put("x", 2);

    assertThat(source.getLong("x")).isEqualTo(1);
    assertThat(source.snapshot()).isSameAs(source);
  }

  @Test
  void of_whatNoVariableHolds_isRefused() {
    for (Object value : new Object[] {new Object(), List.of(1), new BigDecimal("0.5"), 'c'}) {
      assertThatThrownBy(() -> VariableSource.of(Map.of("x", value)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("x:");
    }
    assertThat(VariableSource.of(Map.of("x", 0.5f)).get("x")).isEqualTo(0.5);
  }
}
