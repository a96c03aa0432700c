package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.json.JsonException;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Scale;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Priors on numbers: their distributions, coordinates, JSON form and refusals. */
final class PriorTest {

  private static final double ALPHA = 1e-5;
  private static final int DRAWS = 20_000;

  private static ConfigurationSpace real(double min, double max, Scale scale, Prior prior) {
    return ConfigurationSpace.named("s")
        .floating("x", (min + max) / 2, min, max, scale)
        .prior("x", prior)
        .build();
  }

  private static double fit(ConfigurationSpace space, DoubleUnaryOperator cdf) {
    double[] drawn =
        space.sample(DRAWS, new SplittableRandom(40)).stream()
            .mapToDouble(c -> c.getDouble("x"))
            .toArray();
    return Statistics.kolmogorovSmirnov(drawn, cdf);
  }

  /** Simpson's rule on the bare density, independent of the code under test. */
  private static DoubleUnaryOperator integral(DoubleUnaryOperator density, double min, double max) {
    int n = 4_000;
    double[] upTo = new double[n + 1];
    double h = (max - min) / n;
    for (int i = 0; i < n; i++) {
      double a = min + i * h;
      upTo[i + 1] =
          upTo[i]
              + h
                  / 6
                  * (density.applyAsDouble(a)
                      + 4 * density.applyAsDouble(a + h / 2)
                      + density.applyAsDouble(a + h));
    }
    return x -> {
      double at = Math.max(0, Math.min(n - 1e-9, (x - min) / h));
      int i = (int) at;
      return (upTo[i] + (at - i) * (upTo[i + 1] - upTo[i])) / upTo[n];
    };
  }

  @Test
  void normal_insideAndOutsideTheBounds_isCutOff() {
    for (double mean : new double[] {0.7, -1.0, 3.5}) {
      DoubleUnaryOperator density = x -> Math.exp(-Math.pow((x - mean) / 0.4, 2) / 2);

      assertThat(
              fit(real(0, 2, Scale.LINEAR, new Prior.Normal(mean, 0.4)), integral(density, 0, 2)))
          .isGreaterThan(ALPHA);
    }
  }

  @Test
  void normal_onLogScale_isNormalInTheLogarithm() {
    DoubleUnaryOperator cdf =
        integral(
            t -> Math.exp(-Math.pow((t - Math.log(1e-3)) / 1.5, 2) / 2),
            Math.log(1e-6),
            Math.log(1));

    assertThat(
            fit(
                real(1e-6, 1, Scale.LOG, new Prior.Normal(1e-3, 1.5)),
                x -> cdf.applyAsDouble(Math.log(x))))
        .isGreaterThan(ALPHA);
  }

  @Test
  void beta_severalShapes_followTheDensity() {
    for (double[] shape : new double[][] {{2, 5}, {1, 1}, {3, 1.5}, {40, 60}}) {
      DoubleUnaryOperator density = t -> Math.pow(t, shape[0] - 1) * Math.pow(1 - t, shape[1] - 1);
      DoubleUnaryOperator cdf = integral(density, 0, 1);

      assertThat(
              fit(
                  real(-1, 3, Scale.LINEAR, new Prior.Beta(shape[0], shape[1])),
                  x -> cdf.applyAsDouble((x + 1) / 4)))
          .isGreaterThan(ALPHA);
    }
    // The arcsine law: Beta(1/2, 1/2) has its distribution function in closed form.
    assertThat(
            fit(
                real(0, 1, Scale.LINEAR, new Prior.Beta(0.5, 0.5)),
                x -> 2 / Math.PI * Math.asin(Math.sqrt(x))))
        .isGreaterThan(ALPHA);
  }

  @Test
  void integers_normalAndBeta_weighEachCell() {
    for (Prior prior : new Prior[] {new Prior.Normal(4, 2), new Prior.Beta(2, 3)}) {
      ConfigurationSpace space =
          ConfigurationSpace.named("s").integer("n", 3, 0, 9).prior("n", prior).build();
      DoubleUnaryOperator cdf =
          prior instanceof Prior.Normal
              ? integral(x -> Math.exp(-Math.pow((x - 4) / 2, 2) / 2), -0.5, 9.5)
              : integral(x -> (x + 0.5) / 10 * Math.pow(1 - (x + 0.5) / 10, 2), -0.5, 9.5);
      Map<Object, Double> expected = new HashMap<>();
      Map<Object, Integer> observed = new HashMap<>();
      double total = 0;
      Axis axis = space.parameter("n").axis();
      for (long n = 0; n < 10; n++) {
        expected.put(n, cdf.applyAsDouble(n + 0.5) - cdf.applyAsDouble(n - 0.5));
        assertThat(axis.mass(n)).isCloseTo(expected.get(n), within(1e-5));
        total += axis.mass(n);
      }
      space
          .sample(DRAWS, new SplittableRandom(41))
          .forEach(c -> observed.merge(c.get("n"), 1, Integer::sum));

      assertThat(total).isCloseTo(1, within(1e-12));
      assertThat(Statistics.chiSquare(observed, expected, DRAWS)).isGreaterThan(ALPHA);
    }
  }

  @Test
  void prior_underRules_isConditioned() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("x", 0.1, 0, 1)
            .prior("x", new Prior.Beta(2, 1))
            .floating("y", 0.005, 0, 1)
            .prior("y", new Prior.Beta(1, 2))
            .require("y <= x * 0.05", "y is far below x")
            .build();
    // The density of x is 2 x times the chance 1 - (1 - 0.05 x)^2 that y lies below x / 20.
    DoubleUnaryOperator cdf = integral(x -> 2 * x * (1 - Math.pow(1 - 0.05 * x, 2)), 0, 1);

    assertThat(fit(space, cdf)).isGreaterThan(ALPHA);
  }

  @Test
  void encode_thenDecode_isTheIdentity() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("x", 0.5, 0, 1)
            .prior("x", new Prior.Normal(0.3, 0.2))
            .floating("grid", 0.5, 0, 1, 0.125)
            .prior("grid", new Prior.Beta(2, 2))
            .integer("log", 10, 1, 5_000, Scale.LOG)
            .prior("log", new Prior.Normal(50, 1))
            .build();
    SplittableRandom random = new SplittableRandom(42);

    for (int i = 0; i < 500; i++) {
      Configuration drawn = space.sample(random);
      Configuration back = space.decode(space.encode(drawn)).orElseThrow();
      assertThat(back.getDouble("x")).isCloseTo(drawn.getDouble("x"), within(1e-12));
      assertThat(back.get("grid")).isEqualTo(drawn.get("grid"));
      assertThat(back.get("log")).isEqualTo(drawn.get("log"));
    }
  }

  @Test
  void json_andBack_isTheSame() {
    ConfigurationSpace space = real(1e-3, 1, Scale.LOG, new Prior.Normal(0.1, 0.5));
    ConfigurationSpace other =
        ConfigurationSpace.named("s")
            .integer("n", 3, 0, 9)
            .prior("n", new Prior.Beta(2, 3))
            .build();

    assertThat(ConfigurationSpace.fromJson(space.toJson())).isEqualTo(space);
    assertThat(ConfigurationSpace.fromJson(other.toJson())).isEqualTo(other);
    assertThat(space.toBuilder().build()).isEqualTo(space);
    assertThat(space).isNotEqualTo(real(1e-3, 1, Scale.LOG, new Prior.Normal(0.1, 0.6)));
    assertThat(space.toJson()).contains("\"deviation\" : 0.5");
    assertThatThrownBy(
            () -> ConfigurationSpace.fromJson(space.toJson().replace("\"mean\"", "\"alpha\"")))
        .isInstanceOf(JsonException.class);
  }

  @Test
  void build_priorsThatDoNotSuit_areRefusedTogether() {
    assertThatThrownBy(
            () ->
                ConfigurationSpace.named("s")
                    .choice("c", "a", "b")
                    .floating("x", 0.5, 0, 1)
                    .floating("y", 0.5, 0.1, 1, Scale.LOG)
                    .prior("c", new Prior.Normal(0, 1))
                    .prior("x", new Prior.Normal(50, 0.1))
                    .prior("y", new Prior.Normal(-1, 1))
                    .prior("z", new Prior.Beta(1, 1))
                    .build())
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("prior of c")
        .hasMessageContaining("deviations outside")
        .hasMessageContaining("positive mean")
        .hasMessageContaining("prior of z");
    assertThatThrownBy(() -> new Prior.Normal(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Prior.Beta(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
