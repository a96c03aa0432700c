package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.variable.Embedding;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Tensor;
import io.trimtab.variable.TensorDomain;
import io.trimtab.variable.Variable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Numeric and textual edges survive every way through the state bit by bit, or are refused. */
@Timeout(60)
final class ValueTableTest {

  private static final Variable<Double> FLOAT = Variable.of("v", FloatDomain.any(), 0.5);
  private static final Variable<Double> WILD =
      Variable.of("v", new FloatDomain(-1.0 / 0, 1.0 / 0, 0, Scale.LINEAR, true), 0.5);
  private static final Variable<Long> INTEGER =
      Variable.of("v", IntegerDomain.between(Long.MIN_VALUE, Long.MAX_VALUE), 7);
  private static final Variable<String> TEXT =
      Variable.of("v", new StringDomain(0, 16 << 20, null, List.of()), "start");
  private static final Variable<Embedding> VECTOR =
      Variable.of("v", new EmbeddingDomain(0, false), new float[] {9});
  private static final Variable<Tensor> TENSOR =
      Variable.of("v", new TensorDomain(null, null), Tensor.ofInts(List.of(1), 9));

  private static float[] embedding(int dimensions) {
    float[] vector = new float[dimensions];
    for (int i = 0; i < dimensions; i++) {
      vector[i] = (float) Math.sin(i) * Float.MIN_NORMAL;
    }
    return vector;
  }

  static Stream<Arguments> survivors() {
    return Stream.of(
        Arguments.of(FLOAT, 0.0),
        Arguments.of(FLOAT, -0.0),
        Arguments.of(FLOAT, 0.1 + 0.2),
        Arguments.of(FLOAT, Double.MIN_VALUE),
        Arguments.of(FLOAT, Double.MIN_NORMAL),
        Arguments.of(FLOAT, Double.MAX_VALUE),
        Arguments.of(FLOAT, -Double.MAX_VALUE),
        Arguments.of(FLOAT, 9007199254740992.0),
        Arguments.of(FLOAT, Math.nextUp(1.0)),
        Arguments.of(FLOAT, 1e-320),
        Arguments.of(FLOAT, 2.2250738585072014E-308),
        Arguments.of(WILD, Double.NaN),
        Arguments.of(WILD, Double.POSITIVE_INFINITY),
        Arguments.of(WILD, Double.NEGATIVE_INFINITY),
        Arguments.of(WILD, -0.0),
        Arguments.of(INTEGER, 0L),
        Arguments.of(INTEGER, (1L << 53) + 1),
        Arguments.of(INTEGER, -(1L << 53) - 1),
        Arguments.of(INTEGER, Long.MAX_VALUE),
        Arguments.of(INTEGER, Long.MIN_VALUE),
        Arguments.of(TEXT, ""),
        Arguments.of(TEXT, "x".repeat(10 << 20)),
        Arguments.of(TEXT, "\ud83d\ude00\ud83c\uddee\ud83c\uddf8"),
        Arguments.of(TEXT, "e\u0301"),
        Arguments.of(TEXT, "\u00e9"),
        Arguments.of(TEXT, "\ufeff\u200b\u2028\u2029\u0001\u001f\u007f\u0085"),
        Arguments.of(TEXT, "\"\\/\b\f\n\r\t</script>"),
        Arguments.of(TEXT, "\udbff\udfff\uffff\ufffe"),
        Arguments.of(TEXT, "NaN"),
        Arguments.of(TEXT, "null"),
        Arguments.of(VECTOR, Embedding.of(-0.0f)),
        Arguments.of(VECTOR, Embedding.of(Float.MIN_VALUE, Float.MAX_VALUE, 1e-45f, 0.1f)),
        Arguments.of(VECTOR, Embedding.of(embedding(1536))),
        Arguments.of(TENSOR, Tensor.ofDoubles(List.of(2, 1), Double.NaN, -0.0)),
        Arguments.of(TENSOR, Tensor.ofLongs(List.of(), Long.MIN_VALUE)),
        Arguments.of(TENSOR, Tensor.ofFloats(List.of(0, 3))));
  }

  private static void assertSame(Object actual, Object expected) {
    // Double.equals tells -0.0 from 0.0 and compares NaN equal; texts are not printed on failure
    assertThat(actual.equals(expected)).as("the same %s", expected.getClass()).isTrue();
    if (expected instanceof Double number) {
      assertThat(Double.doubleToRawLongBits((Double) actual))
          .isEqualTo(Double.doubleToRawLongBits(number));
    }
  }

  private static Object throughJson(LocalState state) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    state.exportState().writeTo(out);
    try (LocalState other = LocalState.create()) {
      other.importState(StateExport.readFrom(new ByteArrayInputStream(out.toByteArray())));
      assertThat(other.history("v").equals(state.history("v"))).isTrue();
      return other.get("v").value();
    }
  }

  @ParameterizedTest
  @MethodSource("survivors")
  void value_everyWayThrough_staysTheSame(Variable<?> variable, Object value) throws Exception {
    try (LocalState state = LocalState.create()) {
      state.register(variable);
      List<ChangeSet> told = java.util.Collections.synchronizedList(new ArrayList<>());
      Watch watch = state.watch(WatchRequest.of("v").build(), told::add);

      assertSame(state.set("v", value).value(), value);
      assertSame(state.get("v").value(), value);
      assertSame(state.getMany(List.of("v")).get("v"), value);
      assertThat(watch.await(state.revision(), Duration.ofSeconds(10))).isTrue();
      assertSame(told.get(0).changes().get(0).newValue(), value);
      assertSame(throughJson(state), value);

      state.set("v", variable.defaultValue());
      assertSame(state.history("v").get(1).value(), value);
      assertSame(state.rollback("v", 2, WriteContext.JVM).value(), value);
      state.set("v", variable.defaultValue());
      Commit commit = state.commit(Batch.of(Map.of("v", value), WriteContext.JVM));
      assertSame(commit.variables().get("v").value(), value);
      assertSame(state.snapshot().get("v"), value);
    }
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(FLOAT, Double.NaN),
        Arguments.of(FLOAT, Double.POSITIVE_INFINITY),
        Arguments.of(FLOAT, Double.NEGATIVE_INFINITY),
        Arguments.of(FLOAT, (1L << 53) + 1),
        Arguments.of(FLOAT, "1.0"),
        Arguments.of(FLOAT, true),
        Arguments.of(INTEGER, 3.14),
        Arguments.of(INTEGER, 9.3e18),
        Arguments.of(INTEGER, BigInteger.ONE.shiftLeft(63)),
        Arguments.of(INTEGER, new BigDecimal("0.1")),
        Arguments.of(INTEGER, "42"),
        Arguments.of(INTEGER, Double.NaN),
        Arguments.of(TEXT, "\ud83d"),
        Arguments.of(TEXT, "\ude00\ud83d"),
        Arguments.of(TEXT, "a\u0000b"),
        Arguments.of(TEXT, "x".repeat((16 << 20) + 1)),
        Arguments.of(TEXT, 1),
        Arguments.of(VECTOR, new float[] {Float.NaN}),
        Arguments.of(VECTOR, new double[] {1e39}),
        Arguments.of(VECTOR, new float[0]));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void value_thatCannotSurvive_isRefusedAndChangesNothing(Variable<?> variable, Object value) {
    try (LocalState state = LocalState.create()) {
      VariableState before = state.register(variable);

      assertThatThrownBy(() -> state.set("v", value)).isInstanceOf(InvalidValueException.class);
      assertThatThrownBy(() -> state.setAll(Map.of("v", value)))
          .isInstanceOf(InvalidValueException.class);
      assertThat(state.get("v")).isSameAs(before);
      assertThat(state.revision()).isEqualTo(1);
    }
  }

  static Stream<Arguments> cast() {
    return Stream.of(
        Arguments.of(FLOAT, 42, 42.0),
        Arguments.of(FLOAT, 42L, 42.0),
        Arguments.of(FLOAT, 0.5f, 0.5),
        Arguments.of(FLOAT, new BigDecimal("0.25"), 0.25),
        Arguments.of(INTEGER, 42.0, 42L),
        Arguments.of(INTEGER, (short) 3, 3L),
        Arguments.of(INTEGER, BigInteger.TEN, 10L));
  }

  @ParameterizedTest
  @MethodSource("cast")
  void value_ofALesserType_isCastToTheCanonicalOne(
      Variable<?> variable, Object value, Object canonical) {
    try (LocalState state = LocalState.create()) {
      state.register(variable);

      assertThat(state.set("v", value).value()).isEqualTo(canonical);
    }
  }
}
