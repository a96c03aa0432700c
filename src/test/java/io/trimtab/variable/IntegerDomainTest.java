package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Which numbers an INTEGER takes, what they become, and which definitions are refused. */
final class IntegerDomainTest {

  private static final IntegerDomain ANY = IntegerDomain.any();

  @Test
  void cast_integralNumbersOfAnyType_becomeLong() {
    LongAdder adder = new LongAdder();
    adder.add((1L << 53) + 1);

    assertThat(ANY.cast(42)).isEqualTo(42L);
    assertThat(ANY.cast((byte) 42)).isEqualTo(42L);
    assertThat(ANY.cast((short) 42)).isEqualTo(42L);
    assertThat(ANY.cast(42.0)).isEqualTo(42L);
    assertThat(ANY.cast(42f)).isEqualTo(42L);
    assertThat(ANY.cast(-0.0)).isEqualTo(0L);
    assertThat(ANY.cast(-0x1p63)).isEqualTo(Long.MIN_VALUE);
    assertThat(ANY.cast(0x1p63 - 1024)).isEqualTo(Long.MAX_VALUE - 1023);
    assertThat(ANY.cast(new AtomicLong((1L << 53) + 1))).isEqualTo((1L << 53) + 1);
    assertThat(ANY.cast(new AtomicInteger(42))).isEqualTo(42L);
    assertThat(ANY.cast(adder)).isEqualTo((1L << 53) + 1);
    assertThat(ANY.cast(BigInteger.valueOf(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
    assertThat(ANY.cast(new BigDecimal("42.000"))).isEqualTo(42L);
    assertThat(ANY.cast(new BigDecimal("4.2e1"))).isEqualTo(42L);
    assertThat(ANY.cast(new BigDecimal("9223372036854775807"))).isEqualTo(Long.MAX_VALUE);
    assertThat(ANY.cast(new BigDecimal("0e-1000"))).isEqualTo(0L);
  }

  @Test
  void cast_whatIsNotIntegral_isRefused() {
    for (Object value :
        new Object[] {
          3.14,
          0.1f,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          0x1p63,
          Float.MAX_VALUE,
          BigInteger.ONE.shiftLeft(63),
          new BigDecimal("9223372036854775808"),
          new BigDecimal("0.5"),
          new BigDecimal("1e999999999"),
          new BigDecimal("1e-999999999"),
          "42",
          true,
          '4',
          null
        }) {
      assertThat(ANY.cast(value)).as("%s", value).isNull();
    }
  }

  @Test
  void cast_hugeExponents_takeNoTime() {
    long start = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      ANY.cast(new BigDecimal("1e999999999"));
      ANY.cast(new BigDecimal("1e-999999999"));
      FloatDomain.any().cast(new BigDecimal("1e999999999"));
      FloatDomain.any().cast(new BigDecimal("1e-999999999"));
    }

    assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
  }

  @Test
  void accepts_boundsAndSteps() {
    IntegerDomain tens = new IntegerDomain(5, 95, 10, Scale.LINEAR);

    assertThat(tens.accepts(5)).isTrue();
    assertThat(tens.accepts(95)).isTrue();
    assertThat(tens.accepts(45.0)).isTrue();
    assertThat(tens.accepts(50)).isFalse();
    assertThat(tens.accepts(105)).isFalse();
    assertThat(tens.accepts(-5)).isFalse();
  }

  @Test
  void accepts_stepsAcrossTheWholeRange_doNotOverflow() {
    IntegerDomain wide = new IntegerDomain(Long.MIN_VALUE, Long.MAX_VALUE, 5, Scale.LINEAR);
    BigInteger min = BigInteger.valueOf(Long.MIN_VALUE);

    for (long value : new long[] {Long.MIN_VALUE, -3, 0, 2, Long.MAX_VALUE}) {
      boolean onGrid =
          BigInteger.valueOf(value).subtract(min).mod(BigInteger.valueOf(5)).signum() == 0;
      assertThat(wide.accepts(value)).as("%d", value).isEqualTo(onGrid);
    }
    assertThat(wide.accepts(Long.MIN_VALUE + 5)).isTrue();
  }

  @Test
  void define_contradictions_areAllListed() {
    InvalidDefinitionException e =
        catchThrowableOfType(
            InvalidDefinitionException.class, () -> new IntegerDomain(0, -1, 0, Scale.LOG));

    assertThat(e.violations().stream().map(Violation::subject))
        .containsExactly("min", "step", "scale", "scale");
    assertThatThrownBy(() -> new IntegerDomain(0, 5, 6, Scale.LINEAR))
        .hasMessageContaining("max - min");
    assertThatThrownBy(() -> new IntegerDomain(1, 9, 2, Scale.LOG)).hasMessageContaining("LOG");
    assertThat(new IntegerDomain(Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Scale.LINEAR))
        .isNotNull();
  }

  @Test
  void normalize_badValue_saysWhatWasExpected() {
    assertThatThrownBy(() -> IntegerDomain.between(1, 8192).normalize("max_tokens", 0))
        .hasMessage("max_tokens: expected an integer in [1, 8192], got 0");
    assertThatThrownBy(() -> ANY.normalize("count", 3.14))
        .hasMessage("count: expected an integer, got 3.14");
  }
}
