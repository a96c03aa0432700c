package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Which numbers a FLOAT takes, what they become, and which definitions are refused. */
final class FloatDomainTest {

  private static final double INF = Double.POSITIVE_INFINITY;
  private static final FloatDomain ANY = FloatDomain.any();
  private static final FloatDomain NON_FINITE =
      new FloatDomain(-INF, INF, 0, Scale.LINEAR, /* allowNonFinite= */ true);

  private static LongAdder adder(long value) {
    LongAdder adder = new LongAdder();
    adder.add(value);
    return adder;
  }

  @Test
  void cast_numbersADoubleHolds_widen() {
    DoubleAdder sum = new DoubleAdder();
    sum.add(2.5);

    assertThat(ANY.cast(42)).isEqualTo(42.0);
    assertThat(ANY.cast((byte) -1)).isEqualTo(-1.0);
    assertThat(ANY.cast((short) 7)).isEqualTo(7.0);
    assertThat(ANY.cast(0.5f)).isEqualTo(0.5);
    assertThat(ANY.cast(0.1f)).isEqualTo((double) 0.1f);
    assertThat(ANY.cast(1L << 53)).isEqualTo(0x1p53);
    assertThat(ANY.cast(Long.MIN_VALUE)).isEqualTo(-0x1p63);
    assertThat(ANY.cast(new AtomicLong(3))).isEqualTo(3.0);
    assertThat(ANY.cast(new AtomicInteger(3))).isEqualTo(3.0);
    assertThat(ANY.cast(adder(3))).isEqualTo(3.0);
    assertThat(ANY.cast(sum)).isEqualTo(2.5);
    assertThat(ANY.cast(BigInteger.ONE.shiftLeft(100))).isEqualTo(0x1p100);
    assertThat(ANY.cast(new BigDecimal("0.1"))).isEqualTo(0.1);
    assertThat(ANY.cast(new BigDecimal("1e300"))).isEqualTo(1e300); // decimals round
  }

  @Test
  void cast_integersADoubleCannotHold_areRefused() {
    assertThat(ANY.cast((1L << 53) + 1)).isNull();
    assertThat(ANY.cast(Long.MAX_VALUE)).isNull();
    assertThat(ANY.cast(new AtomicLong((1L << 53) + 1))).isNull();
    assertThat(ANY.cast(adder((1L << 53) + 1))).isNull();
    assertThat(ANY.cast(BigInteger.ONE.shiftLeft(100).add(BigInteger.ONE))).isNull();
    assertThat(ANY.cast(BigInteger.TEN.pow(400))).isNull();
    assertThat(ANY.cast(new BigDecimal("1e400"))).isNull();
  }

  @Test
  void cast_whatIsNoNumber_isRefused() {
    for (Object value : new Object[] {"0.5", true, 'c', new double[] {1}, Map.of(), null}) {
      assertThat(ANY.cast(value)).isNull();
    }
  }

  @Test
  void cast_anyNaN_becomesTheOneNaN() {
    double odd = Double.longBitsToDouble(0x7ff8000000000123L);

    Double cast = NON_FINITE.cast(odd);

    assertThat(Double.doubleToRawLongBits(cast)).isEqualTo(0x7ff8000000000000L);
    assertThat(NON_FINITE.cast(Float.NaN)).isNaN();
  }

  @Test
  void accepts_minusZero_keepsItsSign() {
    assertThat(ANY.normalize(-0.0)).isEqualTo(Double.valueOf(-0.0));
    assertThat(FloatDomain.between(0.0, 1.0).normalize(-0.0)).isEqualTo(Double.valueOf(-0.0));
  }

  @Test
  void accepts_nonFinite_onlyWhereAllowedAndWithinBounds() {
    for (double value : new double[] {Double.NaN, INF, -INF}) {
      assertThat(ANY.accepts(value)).isFalse();
      assertThat(NON_FINITE.accepts(value)).isTrue();
    }
    FloatDomain below = new FloatDomain(-INF, 1, 0, Scale.LINEAR, true);
    assertThat(below.accepts(INF)).isFalse();
    assertThat(below.accepts(-INF)).isTrue();
    assertThat(below.accepts(Double.NaN)).isTrue();
    assertThat(below.accepts(2.0)).isFalse();
  }

  @Test
  void accepts_bounds_areInclusive() {
    FloatDomain domain = FloatDomain.between(0.0, 2.0);

    assertThat(domain.accepts(0.0)).isTrue();
    assertThat(domain.accepts(2.0)).isTrue();
    assertThat(domain.accepts(Math.nextUp(2.0))).isFalse();
    assertThat(domain.accepts(-Double.MIN_VALUE)).isFalse();
  }

  @Test
  void accepts_step_toleratesDecimalRounding() {
    FloatDomain tenths = new FloatDomain(0, 1, 0.1, Scale.LINEAR, false);

    assertThat(tenths.accepts(0.1 + 0.2)).isTrue();
    assertThat(tenths.accepts(0.7)).isTrue();
    assertThat(tenths.accepts(0.75)).isFalse();
    assertThat(tenths.accepts(0.1001)).isFalse();
    FloatDomain shifted = new FloatDomain(0.05, 1, 0.1, Scale.LINEAR, false);
    assertThat(shifted.accepts(0.25)).isTrue();
    assertThat(shifted.accepts(0.3)).isFalse();
  }

  @Test
  void accepts_stepOfALongGrid_toleratesWhatADoubleCannotSay() {
    FloatDomain longGrid = new FloatDomain(0, 1e12, 0.1, Scale.LINEAR, false);

    for (double value : new double[] {1e10 + 0.1, 123456789012.3, 1e12 - 0.1}) {
      assertThat(longGrid.accepts(value)).as("%s", value).isTrue();
    }
    assertThat(longGrid.accepts(1e6 + 0.05)).isFalse();
  }

  @Test
  void normalize_badValue_saysWhatWasExpectedWhatCameAndWhere() {
    assertThatThrownBy(() -> FloatDomain.between(0.0, 2.0).normalize("temperature", 3.5))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("temperature: expected a finite number in [0.0, 2.0], got 3.5");
    assertThatThrownBy(() -> ANY.normalize("x"))
        .hasMessage("value: expected a finite number, got \"x\"");
    assertThatThrownBy(() -> ANY.normalize(null)).isInstanceOf(InvalidValueException.class);
  }

  @Test
  void define_contradictions_areAllListed() {
    InvalidDefinitionException e =
        catchThrowableOfType(
            InvalidDefinitionException.class, () -> new FloatDomain(3, 1, -0.5, Scale.LOG, true));

    assertThat(e.violations().stream().map(Violation::subject))
        .contains("min", "step", "allow_non_finite");
  }

  @Test
  void define_nonsense_isRefused() {
    double nan = Double.NaN;
    assertThatThrownBy(() -> FloatDomain.between(nan, 1)).hasMessageContaining("min");
    assertThatThrownBy(() -> FloatDomain.between(0, nan)).hasMessageContaining("max");
    assertThatThrownBy(() -> FloatDomain.between(INF, INF)).hasMessageContaining("min");
    assertThatThrownBy(() -> FloatDomain.between(-INF, -INF)).hasMessageContaining("max");
    assertThatThrownBy(() -> new FloatDomain(0, 1, nan, Scale.LINEAR, false))
        .hasMessageContaining("step");
    assertThatThrownBy(() -> new FloatDomain(0, 1, INF, Scale.LINEAR, false))
        .hasMessageContaining("step");
    assertThatThrownBy(() -> new FloatDomain(0, 1, 2, Scale.LINEAR, false))
        .hasMessageContaining("max - min");
    assertThatThrownBy(() -> new FloatDomain(-INF, 1, 0.1, Scale.LINEAR, false))
        .hasMessageContaining("finite min");
    assertThatThrownBy(() -> new FloatDomain(0, 1, 0, Scale.LOG, false))
        .hasMessageContaining("min > 0");
    assertThatThrownBy(() -> new FloatDomain(1, 9, 1, Scale.LOG, false))
        .hasMessageContaining("LOG");
    assertThatThrownBy(() -> new FloatDomain(1, 9, 0, Scale.LOG, true))
        .hasMessageContaining("LINEAR");
  }

  @Test
  void define_oneValue_isADomain() {
    assertThat(FloatDomain.between(0.5, 0.5).accepts(0.5)).isTrue();
    assertThat(FloatDomain.between(0.5, 0.5).accepts(0.6)).isFalse();
  }

  @Test
  void encode_nonFinite_isAText() {
    for (double value : new double[] {Double.NaN, INF, -INF, -0.0, Double.MIN_VALUE, 0.1 + 0.2}) {
      assertThat(NON_FINITE.decode(NON_FINITE.encode(value))).isEqualTo(Double.valueOf(value));
    }
    assertThat(NON_FINITE.encode(Double.NaN)).isEqualTo("NaN");
    assertThat(NON_FINITE.decode("nan")).isNull();
    assertThat(NON_FINITE.decode("1.0")).isNull();
  }
}
