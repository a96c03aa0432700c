package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.trimtab.bridge.wire.Event;
import io.trimtab.bridge.wire.SetColumns;
import io.trimtab.state.RemoteSets;
import io.trimtab.state.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WireColumnsTest {

  private static SetColumns columns(Object... values) {
    List<PlainSet> sets = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      sets.add(new PlainSet("v" + i, values[i], 0));
    }
    return WireColumns.of(sets);
  }

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of((Object) new Object[] {}),
        Arguments.of((Object) new Object[] {Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE}),
        Arguments.of((Object) new Object[] {-0.0, Double.NaN, Double.NEGATIVE_INFINITY, 1e-320}),
        Arguments.of((Object) new Object[] {true, false}),
        Arguments.of((Object) new Object[] {"", "sch\u00f6n", "\uD83D\uDE00"}),
        Arguments.of((Object) new Object[] {"x", 1L, true, 0.5, 2L, "y", false, -0.0}));
  }

  @ParameterizedTest
  @MethodSource("values")
  void values_comeBackAsTheyWere(Object[] values) {
    SetColumns columns = columns(values);

    assertThat(WireColumns.values(columns)).containsExactly(values);
    assertThat(WireColumns.keys(columns)).hasSize(values.length).doesNotHaveDuplicates();
    assertThat(columns.getExpectedVersionsList()).isEmpty();
  }

  @Test
  void valuesOfOneType_nameTheirColumnOnce() {
    assertThat(columns(1L, 2L, 3L).getColumns().size()).isEqualTo(1);
    assertThat(columns(1L, 2.0, 3L).getColumns().size()).isEqualTo(3);
  }

  @Test
  void columnsThatContradictThemselves_areRefused() {
    SetColumns good = columns(1L, 2L, "x");
    assertThatThrownBy(
            () -> WireColumns.values(good.toBuilder().setColumns(ByteString.EMPTY).build()))
        .hasMessage("sets: expected the column of each of 3 values, got 0");
    assertThatThrownBy(
            () ->
                WireColumns.values(
                    good.toBuilder().setColumns(ByteString.copyFrom(new byte[] {4, 4, 9})).build()))
        .hasMessage("v2: expected a value in column 9, which has 0");
    assertThatThrownBy(() -> WireColumns.values(good.toBuilder().clearTexts().build()))
        .hasMessage("v2: expected a value in column 6, which has 0");
    assertThatThrownBy(() -> WireColumns.values(columns(1L, 2L).toBuilder().addKeys("v9").build()))
        .hasMessage("v9: expected a value in column 4, which has 2");
  }

  @Test
  void run_isOneCommitPerKey() {
    Event event =
        Event.newBuilder()
            .setRevision(12)
            .setSource("jvm")
            .setSets(columns(1L, "x"))
            .addVersions(5)
            .addVersions(8)
            .addSequences(3)
            .addSequences(4)
            .build();

    assertThat(WireStates.run(event)).extracting(RemoteSets::revision).containsExactly(11L, 12L);
    assertThatThrownBy(() -> WireStates.run(event.toBuilder().addSequences(5).build()))
        .hasMessageStartingWith(
            "revision 12: expected a key and a version for each of 3 sequences");
  }

  @Test
  void whatIsLargeOrNotPlain_travelsAlone() {
    assertThat(PlainSet.of(new Write.SetValue("a", 1, 3L), 1L)).isEqualTo(new PlainSet("a", 1L, 3));
    assertThat(PlainSet.of(new Write.SetValue("a", 1, 0L), 1L)).isNull();
    assertThat(PlainSet.of(new Write.SetValue("a", "", null), "x".repeat(20_000))).isNull();
    assertThat(PlainSet.of(new Write.SetValue("a", "", null), new float[0])).isNull();
  }
}
