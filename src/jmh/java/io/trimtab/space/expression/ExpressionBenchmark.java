package io.trimtab.space.expression;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A rule as an expression against the same rule as a Java lambda, over 1,024 configurations; the
 * figures are nanoseconds per rule and configuration.
 *
 * <p>"One" evaluates a single rule in a virtual machine that knows no other. "Crowded" evaluates
 * the same rule after seven others have run, so that the compiler has seen many shapes of
 * expression. "Eight" evaluates eight rules in turn, as a space with many constraints does.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class ExpressionBenchmark {

  private static final int CONFIGURATIONS = 1_024;
  private static final int RULES = 8;

  /** One rule in three spellings. */
  record Rule(
      String source, Predicate<Object[]> overSlots, Predicate<Map<String, Object>> byName) {}

  private static final Rule FIRST =
      new Rule(
          "max_tokens <= 4096 || reasoning_model != 'gpt-4-turbo'",
          s -> (Long) s[0] <= 4096 || !s[1].equals("gpt-4-turbo"),
          m ->
              (Long) m.get("max_tokens") <= 4096
                  || !m.get("reasoning_model").equals("gpt-4-turbo"));

  private static List<Rule> eightRules() {
    return List.of(
        FIRST,
        new Rule(
            "temperature <= 1.0 || top_p <= 0.9",
            s -> (Double) s[2] <= 1.0 || (Double) s[3] <= 0.9,
            m -> (Double) m.get("temperature") <= 1.0 || (Double) m.get("top_p") <= 0.9),
        new Rule(
            "temperature + top_p <= 1.8",
            s -> (Double) s[2] + (Double) s[3] <= 1.8,
            m -> (Double) m.get("temperature") + (Double) m.get("top_p") <= 1.8),
        new Rule(
            "max_iters * max_tokens <= 60000",
            s -> Math.multiplyExact((Long) s[4], (Long) s[0]) <= 60000,
            m ->
                Math.multiplyExact((Long) m.get("max_iters"), (Long) m.get("max_tokens")) <= 60000),
        new Rule(
            "stream ? max_tokens >= 128 : max_iters < 8",
            s -> (Boolean) s[5] ? (Long) s[0] >= 128 : (Long) s[4] < 8,
            m ->
                (Boolean) m.get("stream")
                    ? (Long) m.get("max_tokens") >= 128
                    : (Long) m.get("max_iters") < 8),
        new Rule(
            "reasoning_model in ['gpt-4-turbo', 'gemini-1.5-pro'] || temperature > 0.2",
            s -> s[1].equals("gpt-4-turbo") || s[1].equals("gemini-1.5-pro") || (Double) s[2] > 0.2,
            m ->
                m.get("reasoning_model").equals("gpt-4-turbo")
                    || m.get("reasoning_model").equals("gemini-1.5-pro")
                    || (Double) m.get("temperature") > 0.2),
        new Rule(
            "!stream || max_iters % 2 == 1 || temperature < 0.5",
            s -> !(Boolean) s[5] || (Long) s[4] % 2 == 1 || (Double) s[2] < 0.5,
            m ->
                !(Boolean) m.get("stream")
                    || (Long) m.get("max_iters") % 2 == 1
                    || (Double) m.get("temperature") < 0.5),
        new Rule(
            "max_tokens >= 256 && max_iters >= 4 && top_p > 0.1"
                + " && reasoning_model.startsWith('g')",
            s ->
                (Long) s[0] >= 256
                    && (Long) s[4] >= 4
                    && (Double) s[3] > 0.1
                    && ((String) s[1]).startsWith("g"),
            m ->
                (Long) m.get("max_tokens") >= 256
                    && (Long) m.get("max_iters") >= 4
                    && (Double) m.get("top_p") > 0.1
                    && ((String) m.get("reasoning_model")).startsWith("g")));
  }

  /** The configurations, as slots and as maps. */
  @State(Scope.Thread)
  public static class Configurations {

    private static final String[] MODELS = {"gpt-4-turbo", "claude-3-opus", "gemini-1.5-pro"};

    static final List<Declaration> VARIABLES =
        List.of(
            Declaration.discrete("max_tokens", ExpressionType.INT),
            Declaration.discrete("reasoning_model", ExpressionType.STRING),
            Declaration.continuous("temperature"),
            Declaration.continuous("top_p"),
            Declaration.discrete("max_iters", ExpressionType.INT),
            Declaration.discrete("stream", ExpressionType.BOOL));

    final List<Object[]> slots = new ArrayList<>();
    final List<Map<String, Object>> maps = new ArrayList<>();
    Expression expression;

    /** Draws the configurations and compiles the first rule. */
    @Setup
    public void draw() {
      SplittableRandom random = new SplittableRandom(42);
      for (int i = 0; i < CONFIGURATIONS; i++) {
        Object[] values = {
          random.nextLong(64, 8193),
          MODELS[random.nextInt(3)],
          random.nextDouble(0, 1.5),
          random.nextDouble(),
          random.nextLong(3, 11),
          random.nextBoolean()
        };
        Map<String, Object> map = new HashMap<>();
        for (int slot = 0; slot < values.length; slot++) {
          map.put(VARIABLES.get(slot).name(), values[slot]);
        }
        slots.add(values);
        maps.add(map);
      }
      expression = Expression.compile(FIRST.source(), VARIABLES);
    }
  }

  /** Eight rules, each tried on every configuration in each spelling. */
  @State(Scope.Thread)
  public static class Crowd {

    final Expression[] expressions = new Expression[RULES];
    final List<Predicate<Object[]>> overSlots = new ArrayList<>();
    final List<Predicate<Map<String, Object>>> byName = new ArrayList<>();

    /**
     * Compiles the rules and checks that their spellings agree.
     *
     * @param configurations what to check them on
     */
    @Setup
    public void compile(Configurations configurations) {
      List<Rule> rules = eightRules();
      for (int i = 0; i < RULES; i++) {
        Rule rule = rules.get(i);
        expressions[i] = Expression.compile(rule.source(), Configurations.VARIABLES);
        overSlots.add(rule.overSlots());
        byName.add(rule.byName());
      }
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < RULES; i++) {
          check(i, rules.get(i), configurations);
        }
      }
    }

    private void check(int i, Rule rule, Configurations configurations) {
      for (int k = 0; k < CONFIGURATIONS; k++) {
        boolean expected = rule.overSlots().test(configurations.slots.get(k));
        boolean named = rule.byName().test(configurations.maps.get(k));
        boolean compiled = expressions[i].evaluate(configurations.slots.get(k));
        if (compiled != expected || named != expected) {
          throw new IllegalStateException("the spellings differ: " + rule.source());
        }
      }
    }
  }

  /** One rule, compiled from text. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS)
  public int oneExpression(Configurations configurations) {
    int held = 0;
    for (Object[] slots : configurations.slots) {
      held += configurations.expression.evaluate(slots) ? 1 : 0;
    }
    return held;
  }

  /** One rule, a lambda that reads the same array. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS)
  public int oneLambdaOverSlots(Configurations configurations) {
    int held = 0;
    for (Object[] slots : configurations.slots) {
      held += FIRST.overSlots().test(slots) ? 1 : 0;
    }
    return held;
  }

  /** One rule, a lambda that looks its variables up by name. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS)
  public int oneLambdaByName(Configurations configurations) {
    int held = 0;
    for (Map<String, Object> map : configurations.maps) {
      held += FIRST.byName().test(map) ? 1 : 0;
    }
    return held;
  }

  /** The same rule, compiled from text, among others. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS)
  public int crowdedExpression(Configurations configurations, Crowd crowd) {
    int held = 0;
    for (Object[] slots : configurations.slots) {
      held += crowd.expressions[0].evaluate(slots) ? 1 : 0;
    }
    return held;
  }

  /** The same rule, a lambda over the array, among others. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS)
  public int crowdedLambdaOverSlots(Configurations configurations, Crowd crowd) {
    int held = 0;
    for (Object[] slots : configurations.slots) {
      held += crowd.overSlots.get(0).test(slots) ? 1 : 0;
    }
    return held;
  }

  /** Eight rules in turn, compiled from text. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS * RULES)
  public int eightExpressions(Configurations configurations, Crowd crowd) {
    int held = 0;
    for (Object[] slots : configurations.slots) {
      for (Expression rule : crowd.expressions) {
        held += rule.evaluate(slots) ? 1 : 0;
      }
    }
    return held;
  }

  /** Eight rules in turn, lambdas over the array. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS * RULES)
  public int eightLambdasOverSlots(Configurations configurations, Crowd crowd) {
    int held = 0;
    for (Object[] slots : configurations.slots) {
      for (Predicate<Object[]> rule : crowd.overSlots) {
        held += rule.test(slots) ? 1 : 0;
      }
    }
    return held;
  }

  /** Eight rules in turn, lambdas that look up by name. */
  @Benchmark
  @OperationsPerInvocation(CONFIGURATIONS * RULES)
  public int eightLambdasByName(Configurations configurations, Crowd crowd) {
    int held = 0;
    for (Map<String, Object> map : configurations.maps) {
      for (Predicate<Map<String, Object>> rule : crowd.byName) {
        held += rule.test(map) ? 1 : 0;
      }
    }
    return held;
  }
}
