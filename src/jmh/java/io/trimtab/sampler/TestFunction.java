package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.variable.Scale;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Noise-free test functions, all minimised; {@code src/python/benchmarks/functions.py} has the same
 * for the peers.
 *
 * <p>The first three are the reference functions, then come one with hard rules and one with
 * conditions; those whose names begin with {@code HOLDOUT} took no part in choosing any default.
 */
enum TestFunction {
  /** Two floats, three equal minima of 0.397887. */
  BRANIN(TestFunction::plane, TestFunction::branin),
  /** Six floats, six local minima, the least -3.322368. */
  HARTMANN6(() -> floats("hartmann6", 6, 0, 1), TestFunction::hartmann6),
  /** A language-model program: two choices, two floats, a log-integer, an integer. */
  LMTUNE(TestFunction::lmtuneSpace, TestFunction::lmtune),
  /** The pressure vessel: two integers, two floats, three rules; 19 % valid, least about 5850. */
  VESSEL(TestFunction::vesselSpace, TestFunction::vessel),
  /** A strategy decides which other parameters exist, two levels deep; least about 0.0207. */
  AGENT(TestFunction::agentSpace, TestFunction::agent),
  /** The logarithm of Rosenbrock's valley in four floats; least 0. */
  HOLDOUT_ROSENBROCK(() -> floats("rosenbrock", 4, -2, 2), TestFunction::rosenbrock),
  /** Levy's function in five floats, one of them on a log scale; least 0. */
  HOLDOUT_LEVY(TestFunction::levySpace, TestFunction::levy),
  /** Ackley's function in three floats, two integers and two choices; least about 0. */
  HOLDOUT_ACKLEY(TestFunction::ackleySpace, TestFunction::ackley),
  /** Five choices of six with pairwise effects and a float whose best place depends on them. */
  HOLDOUT_TABLE(TestFunction::tableSpace, TestFunction::table);

  private final ConfigurationSpace space;
  private final ToDoubleFunction<Configuration> loss;

  TestFunction(Supplier<ConfigurationSpace> space, ToDoubleFunction<Configuration> loss) {
    this.space = space.get();
    this.loss = loss;
  }

  ConfigurationSpace space() {
    return space;
  }

  double loss(Configuration configuration) {
    return loss.applyAsDouble(configuration);
  }

  private static ConfigurationSpace plane() {
    return ConfigurationSpace.named("branin")
        .floating("x", 0.0, -5.0, 10.0)
        .floating("y", 0.0, 0.0, 15.0)
        .build();
  }

  private static double branin(Configuration c) {
    double x = c.getDouble("x");
    double y = c.getDouble("y");
    double b = 5.1 / (4 * Math.PI * Math.PI);
    double valley = y - b * x * x + 5 / Math.PI * x - 6;
    return valley * valley + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  }

  private static ConfigurationSpace floats(String name, int count, double min, double max) {
    var builder = ConfigurationSpace.named(name);
    for (int i = 0; i < count; i++) {
      builder.floating("x" + i, min, min, max);
    }
    return builder.build();
  }

  private static final class Hartmann {
    static final double[][] A = {
      {10, 3, 17, 3.5, 1.7, 8},
      {0.05, 10, 17, 0.1, 8, 14},
      {3, 3.5, 1.7, 10, 17, 8},
      {17, 8, 0.05, 10, 0.1, 14}
    };
    static final double[][] P = {
      {1312, 1696, 5569, 124, 8283, 5886},
      {2329, 4135, 8307, 3736, 1004, 9991},
      {2348, 1451, 3522, 2883, 3047, 6650},
      {4047, 8828, 8732, 5743, 1091, 381}
    };
    static final double[] ALPHA = {1.0, 1.2, 3.0, 3.2};
  }

  private static double hartmann6(Configuration c) {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      double exponent = 0;
      for (int j = 0; j < 6; j++) {
        double d = c.getDouble("x" + j) - 1e-4 * Hartmann.P[i][j];
        exponent += Hartmann.A[i][j] * d * d;
      }
      sum -= Hartmann.ALPHA[i] * Math.exp(-exponent);
    }
    return sum;
  }

  private static ConfigurationSpace lmtuneSpace() {
    return ConfigurationSpace.named("lmtune")
        .choice("model", "nano", "small", "medium", "large")
        .choice("strategy", "direct", "cot", "vote")
        .floating("temperature", 0.7, 0.0, 1.5)
        .floating("top_p", 0.9, 0.1, 1.0)
        .integer("max_tokens", 512, 64, 8192, Scale.LOG)
        .integer("few_shot", 0, 0, 16)
        .build();
  }

  private static final class Lm {
    static final List<String> MODELS = List.of("nano", "small", "medium", "large");
    static final List<String> STRATEGIES = List.of("direct", "cot", "vote");
    static final double[] QUALITY = {0.52, 0.63, 0.71, 0.75};
    static final double[] PRICE = {0.02, 0.10, 0.45, 1.60};
    static final double[] BEST_TEMPERATURE = {0.15, 0.40, 0.70, 0.55};
    static final double[] BEST_SHOTS = {12, 8, 4, 2};
    static final double[][] GAIN = {
      {0, -0.06, 0.02}, {0, 0.03, 0.05}, {0, 0.10, 0.04}, {0, 0.08, 0.07}
    };
    static final double[] TEMPERATURE_SHIFT = {-0.10, 0.0, 0.35};
    static final double[] TEMPERATURE_WIDTH = {0.30, 0.45, 0.60};
    static final double[] NEED = {7.5, 10.5, 9.0};
    static final double[] CALLS = {1.0, 1.0, 3.0};
  }

  private static double lmtune(Configuration c) {
    int i = Lm.MODELS.indexOf(c.getString("model"));
    int j = Lm.STRATEGIES.indexOf(c.getString("strategy"));
    double temperature = c.getDouble("temperature");
    double bits = Math.log(c.getLong("max_tokens")) / Math.log(2.0);
    double shots = c.getLong("few_shot");
    double best = Lm.BEST_TEMPERATURE[i] + Lm.TEMPERATURE_SHIFT[j];
    double warmth = 0.12 * bell((temperature - best) / Lm.TEMPERATURE_WIDTH[j]);
    double nucleus = 0.05 * bell((c.getDouble("top_p") - (0.95 - 0.20 * temperature)) / 0.2);
    double cut = -0.30 / (1.0 + Math.exp(3.0 * (bits - Lm.NEED[j])));
    double examples = 0.08 * bell((shots - Lm.BEST_SHOTS[i]) / 4.0) * (j == 2 ? 0.6 : 1.0);
    double ripple = 0.015 * Math.sin(6.0 * temperature) * Math.cos(2.0 * bits);
    double tokens =
        Lm.CALLS[j] * Math.min(c.getLong("max_tokens"), Math.pow(2.0, Lm.NEED[j] + 1.5))
            + 150.0 * shots;
    double cost = Lm.PRICE[i] * tokens / 1000.0;
    double quality = Lm.QUALITY[i] + Lm.GAIN[i][j] + warmth + nucleus + cut + examples + ripple;
    return 1.0 - quality + 0.03 * cost;
  }

  private static double bell(double z) {
    return Math.exp(-z * z);
  }

  private static ConfigurationSpace vesselSpace() {
    return ConfigurationSpace.named("vessel")
        .integer("shell", 40, 1, 40)
        .integer("head", 40, 1, 40)
        .floating("radius", 80.0, 10.0, 100.0)
        .floating("length", 200.0, 10.0, 240.0)
        .require("0.0193 * radius <= 0.0625 * double(shell)", "the shell is thick enough")
        .require("0.00954 * radius <= 0.0625 * double(head)", "the head is thick enough")
        .require(
            "3.141592653589793 * radius * radius * (length + radius * 4.0 / 3.0) >= 1296000.0",
            "the vessel is large enough")
        .build();
  }

  private static double vessel(Configuration c) {
    double a = c.getLong("shell") * 0.0625;
    double b = c.getLong("head") * 0.0625;
    double radius = c.getDouble("radius");
    double length = c.getDouble("length");
    return 0.6224 * a * radius * length
        + 1.7781 * b * radius * radius
        + 3.1661 * a * a * length
        + 19.84 * a * a * radius;
  }

  private static ConfigurationSpace agentSpace() {
    return ConfigurationSpace.named("agent")
        .floating("temperature", 0.7, 0.0, 1.5)
        .choice("strategy", "direct", "cot", "react", "vote")
        .integer("rationale", 256, 32, 4096, Scale.LOG)
        .activeWhen("rationale", "strategy == 'cot'")
        .integer("votes", 5, 3, 15)
        .activeWhen("votes", "strategy == 'vote'")
        .floating("spread", 1.0, 0.0, 2.0)
        .activeWhen("spread", "strategy == 'vote'")
        .integer("iters", 5, 1, 20)
        .activeWhen("iters", "strategy == 'react'")
        .floating("tool_bias", 0.5, 0.0, 1.0)
        .activeWhen("tool_bias", "strategy == 'react'")
        .bool("reflect", false)
        .activeWhen("reflect", "iters > 5")
        .integer("every", 1, 1, 10)
        .activeWhen("every", "reflect")
        .build();
  }

  private static double agent(Configuration c) {
    double t = c.getDouble("temperature");
    return switch (c.getString("strategy")) {
      case "direct" -> 0.45 + 0.20 * square(t - 0.1);
      case "cot" -> {
        double bits = Math.log(c.getLong("rationale")) / Math.log(2.0);
        yield 0.25 + 0.15 * square(t - 0.5) + 0.02 * square(bits - 9.3);
      }
      case "vote" ->
          0.20
              + 0.15 * square(t - 0.9)
              + 0.003 * square(c.getLong("votes") - 9)
              + 0.10 * square(c.getDouble("spread") - 1.1);
      default -> react(c, t);
    };
  }

  private static double react(Configuration c, double t) {
    double loss =
        0.12
            + 0.25 * square(t - 0.3)
            + 0.002 * square(c.getLong("iters") - 11)
            + 0.35 * square(c.getDouble("tool_bias") - 0.65);
    if (c.getLong("iters") > 5 && c.getBoolean("reflect")) {
      loss += 0.004 * square(c.getLong("every") - 4) - 0.10 + 0.05 * Math.abs(t - 0.3);
    }
    return loss + 0.0007;
  }

  private static double square(double x) {
    return x * x;
  }

  private static double rosenbrock(Configuration c) {
    double valley = 0;
    for (int i = 0; i < 3; i++) {
      double x = c.getDouble("x" + i);
      valley += 100 * square(c.getDouble("x" + (i + 1)) - x * x) + square(1 - x);
    }
    return Math.log1p(valley);
  }

  private static ConfigurationSpace levySpace() {
    return floats("levy", 4, -10, 10).toBuilder().floating("z", 1.0, 1e-9, 1e11, Scale.LOG).build();
  }

  private static double levy(Configuration c) {
    double[] w = new double[5];
    for (int i = 0; i < 4; i++) {
      w[i] = 1 + (c.getDouble("x" + i) - 1) / 4;
    }
    w[4] = 1 + (Math.log10(c.getDouble("z")) - 1) / 4;
    double sum = square(Math.sin(Math.PI * w[0]));
    for (int i = 0; i < 4; i++) {
      sum += square(w[i] - 1) * (1 + 10 * square(Math.sin(Math.PI * w[i] + 1)));
    }
    return sum + square(w[4] - 1) * (1 + square(Math.sin(2 * Math.PI * w[4])));
  }

  private static ConfigurationSpace ackleySpace() {
    return floats("ackley", 3, -5, 5).toBuilder()
        .integer("k0", 0, 0, 20)
        .integer("k1", 0, 0, 20)
        .choice("c0", "a", "b", "c", "d", "e")
        .choice("c1", "a", "b", "c", "d", "e")
        .build();
  }

  private static double ackley(Configuration c) {
    double[] shift = {0.0, 1.3, 2.1, 2.6, 3.4};
    double[] x = {
      c.getDouble("x0") - 0.7,
      c.getDouble("x1") - 0.7,
      c.getDouble("x2") - 0.7,
      (c.getLong("k0") - 13) / 4.0,
      (c.getLong("k1") - 13) / 4.0,
      shift["dbaec".indexOf(c.getString("c0"))],
      shift["dbaec".indexOf(c.getString("c1"))]
    };
    double root = Math.sqrt(Arrays.stream(x).map(v -> v * v).average().orElseThrow());
    double waves = Arrays.stream(x).map(v -> Math.cos(2 * Math.PI * v)).average().orElseThrow();
    return -20 * Math.exp(-0.2 * root) - Math.exp(waves) + 20 + Math.E;
  }

  private static ConfigurationSpace tableSpace() {
    var builder = ConfigurationSpace.named("table");
    for (int i = 0; i < 5; i++) {
      builder.choice("c" + i, "0", "1", "2", "3", "4", "5");
    }
    return builder.floating("u", 0.5, 0.0, 1.0).build();
  }

  private static double table(Configuration c) {
    int[] v = new int[5];
    for (int i = 0; i < 5; i++) {
      v[i] = Integer.parseInt(c.getString("c" + i));
    }
    double single = 0;
    double pairs = 0;
    for (int i = 0; i < 5; i++) {
      single += (7 * v[i] + 3 * i) % 6 / 6.0;
    }
    for (int i = 0; i < 4; i++) {
      pairs += (5 * v[i] + 2 * v[i + 1] + i) % 7 / 7.0;
    }
    double best = (v[0] + 2 * v[1]) % 6 / 6.0;
    return single / 5 + pairs / 4 + 0.5 * square(c.getDouble("u") - best);
  }
}
