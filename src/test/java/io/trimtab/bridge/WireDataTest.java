package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.bridge.wire.Data;
import io.trimtab.bridge.wire.DataMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WireDataTest {

  @Test
  void map_everyKindOfValue_comesBackEqualAndInOrder() throws Exception {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("z", null);
    values.put("a", true);
    values.put("m", Long.MIN_VALUE);
    values.put("b", -0.0);
    values.put("y", "emoji \uD83D\uDE00");
    values.put("list", List.of(1L, 1.0, List.of("deep"), Map.of("k", "v")));

    DataMap sent = DataMap.parseFrom(WireData.map("input", values).toByteArray());

    assertThat(WireData.plain(sent)).isEqualTo(values);
    assertThat(WireData.plain(sent).keySet()).containsExactlyElementsOf(values.keySet());
    assertThat(Double.doubleToRawLongBits((Double) WireData.plain(sent).get("b")))
        .isEqualTo(Double.doubleToRawLongBits(-0.0));
  }

  private static List<Object> nested(int levels) {
    List<Object> list = new ArrayList<>();
    for (int i = 1; i < levels; i++) {
      list = new ArrayList<>(List.of(list));
    }
    return list;
  }

  @Test
  void data_deepestThatMaySent_canBeRead() throws Exception {
    List<Object> deepest = nested(WireData.MAX_DEPTH);

    Data sent = Data.parseFrom(WireData.data("input", deepest).toByteArray());

    assertThat(WireData.plain("input", sent)).isEqualTo(deepest);
  }

  @Test
  void data_tooDeep_isRefusedBeforeItIsSent() {
    assertThatThrownBy(() -> WireData.data("input", nested(WireData.MAX_DEPTH + 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 40 levels");
  }

  @Test
  void data_unpairedSurrogate_isRefusedInsteadOfBecomingAQuestionMark() {
    assertThatThrownBy(() -> WireData.map("input", Map.of("text", "a\uD800")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("input.text");
  }

  @Test
  void plain_kindOfANewerPeer_isAnErrorNotNull() {
    assertThatThrownBy(() -> WireData.plain("answer", Data.getDefaultInstance()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("answer");
  }
}
