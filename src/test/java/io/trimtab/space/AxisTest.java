package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.variable.BooleanDomain;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.Domain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Variable;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class AxisTest {

  private static Axis axis(Domain<?> domain, Object anyValue) {
    return ConfigurationSpace.named("s")
        .variable(Variable.of("x", domain, anyValue))
        .build()
        .parameter("x")
        .axis();
  }

  /** A random domain of any bounded kind; its first value is its default. */
  static Domain<?> domain(SplittableRandom random) {
    while (true) {
      try {
        return switch (random.nextInt(8)) {
          case 0 -> FloatDomain.between(wide(random), wide(random));
          case 1 ->
              new FloatDomain(Math.abs(wide(random)), Math.abs(wide(random)), 0, Scale.LOG, false);
          case 2 ->
              new FloatDomain(
                  random.nextInt(-50, 50) / 10.0,
                  random.nextInt(-50, 500) / 10.0,
                  random.nextInt(1, 60) / 100.0,
                  Scale.LINEAR,
                  false);
          case 3 ->
              new FloatDomain(
                  wide(random), wide(random), Math.abs(wide(random)), Scale.LINEAR, false);
          case 4 ->
              new IntegerDomain(
                  random.nextLong() >> random.nextInt(64),
                  random.nextLong() >> random.nextInt(64),
                  1 + (random.nextLong() >>> random.nextInt(1, 64)),
                  Scale.LINEAR);
          case 5 ->
              new IntegerDomain(
                  random.nextLong() >> random.nextInt(64),
                  random.nextLong() >>> random.nextInt(1, 64),
                  1,
                  Scale.LOG);
          case 6 ->
              new ChoiceDomain(
                  List.of("a", "b", "c"), List.of(wide(random), 1.0, random.nextDouble()), false);
          default ->
              List.of(
                      new BooleanDomain(),
                      ModuleDomain.of("A", "B"),
                      new StringDomain(0, 9, null, List.of("x", "y", "z")))
                  .get(random.nextInt(3));
        };
      } catch (InvalidDefinitionException contradictory) {
        // Draw again.
      }
    }
  }

  private static double wide(SplittableRandom random) {
    return (random.nextDouble() - 0.3) * Math.pow(10, random.nextInt(-12, 13));
  }

  static Object first(Domain<?> domain) {
    return domain instanceof FloatDomain floats
        ? (Object) floats.min()
        : domain instanceof IntegerDomain integers
            ? (Object) integers.min()
            : domain instanceof BooleanDomain
                ? false
                : domain instanceof ChoiceDomain choice
                    ? choice.options().get(0)
                    : domain instanceof ModuleDomain modules
                        ? modules.allowed().get(0)
                        : ((StringDomain) domain).allowed().get(0);
  }

  static LongStream seeds() {
    return LongStream.range(0, "long".equals(System.getProperty("trimtab.profile")) ? 50_000 : 400);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyDomain_everyDrawAndCoordinate_isAValueOfIt(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Domain<?> domain = domain(random);
    Axis axis;
    try {
      axis = axis(domain, first(domain));
    } catch (InvalidDefinitionException stepTooFine) {
      assertThat(stepTooFine).hasMessageContaining("resolve");
      return;
    }
    assertThat(domain.accepts(axis.decode(0))).isTrue();
    assertThat(domain.accepts(axis.decode(1))).isTrue();
    for (int i = 0; i < 20; i++) {
      Object drawn = axis.sample(random);
      double u = random.nextDouble();

      assertThat(domain.accepts(drawn)).as("%s of %s", drawn, domain).isTrue();
      assertThat(domain.accepts(axis.decode(u))).as("%s at %s", domain, u).isTrue();
      assertThat(axis.encode(drawn)).isBetween(0.0, 1.0);
      if (axis.cells() == 0) {
        assertThat(axis.encode(axis.decode(u))).isCloseTo(u, within(1e-6));
      } else if (axis.cells() < 1L << 40) {
        assertThat(axis.decode(axis.encode(drawn))).as("%s", domain).isEqualTo(drawn);
        assertThat(axis.valueAt(axis.indexOf(drawn))).isEqualTo(drawn);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyDomain_masses_sumToOne(long seed) {
    Domain<?> domain = domain(new SplittableRandom(seed));
    Axis axis;
    try {
      axis = axis(domain, first(domain));
    } catch (InvalidDefinitionException stepTooFine) {
      return;
    }
    if (axis.cells() > 0 && axis.cells() <= 10_000) {
      double sum = 0;
      double before = 0;
      for (long i = 0; i < axis.cells(); i++) {
        sum += axis.mass(i);
        double middle = axis.encode(axis.valueAt(i));
        assertThat(middle).isBetween(before - 1e-9, sum + 1e-9);
        before = sum;
      }
      assertThat(sum).isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void integers_widerThanSignedIndices_areReached() {
    Axis axis = axis(IntegerDomain.between(Long.MIN_VALUE + 1, Long.MAX_VALUE - 1), 0);
    SplittableRandom random = new SplittableRandom(1);

    assertThat(axis.cells()).isEqualTo(Long.MAX_VALUE);
    assertThat(axis.decode(0)).isEqualTo(Long.MIN_VALUE + 1);
    assertThat(axis.decode(1)).isEqualTo(Long.MAX_VALUE - 1);
    assertThat((Long) axis.decode(0.5)).isBetween(-2048L, 2048L);
    assertThat(axis.encode(Long.MAX_VALUE / 2)).isCloseTo(0.75, within(1e-9));
    long negative = LongStream.range(0, 1_000).filter(i -> (Long) axis.sample(random) < 0).count();
    assertThat(negative).isBetween(420L, 580L);
  }

  @Test
  void continuum_widerThanDoubles_doesNotOverflow() {
    Axis axis = axis(FloatDomain.between(-1.7e308, 1.7e308), 0.0);

    assertThat(axis.decode(0.5)).isEqualTo(0.0);
    assertThat((Double) axis.decode(0.75)).isCloseTo(8.5e307, within(1e293));
    assertThat(axis.encode(8.5e307)).isCloseTo(0.75, within(1e-12));
  }

  @Test
  void grid_decimalSteps_areDecimals() {
    Axis axis = axis(new FloatDomain(0.1, 1.0, 0.1, Scale.LINEAR, false), 0.1);

    assertThat(axis.cells()).isEqualTo(10);
    assertThat(axis.valueAt(2)).isEqualTo(0.3);
    assertThat(axis.valueAt(9)).isEqualTo(1.0);
  }

  @Test
  void weightedList_hugeWeights_stayFinite() {
    Axis axis = axis(new ChoiceDomain(List.of("a", "b"), List.of(8e307, 8e307), false), "a");

    assertThat(axis.mass(0)).isEqualTo(0.5);
    assertThat(axis.decode(0.49)).isEqualTo("a");
    assertThat(axis.decode(0.51)).isEqualTo("b");
  }

  @Test
  void misuse_isRefused() {
    Axis continuum = axis(FloatDomain.between(0, 1), 0.5);
    Axis cells = axis(IntegerDomain.between(0, 5), 1);

    assertThatThrownBy(() -> continuum.valueAt(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> continuum.decode(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> continuum.encode(2.0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cells.valueAt(6)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> cells.indexOf(6L)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> cells.indexOf("6")).isInstanceOf(IllegalArgumentException.class);
  }
}
