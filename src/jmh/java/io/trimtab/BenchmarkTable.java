package io.trimtab;

import io.trimtab.Experiment.Row;
import io.trimtab.Experiment.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Measures every row of {@code docs/benchmarks.md} and prints the table.
 *
 * <p>What is measured and what it is held against run in turn, each in a fresh virtual machine,
 * {@link #ROUNDS} times; the figure of a row is the median over the rounds, each of which compares
 * medians of its own. So what slows the machine for a while slows both sides or spoils one round.
 */
public final class BenchmarkTable {

  static final int ROUNDS = 3;

  private BenchmarkTable() {}

  private static List<Experiment> experiments() {
    String state = "io.trimtab.state.LocalStateBenchmark.";
    String space = "io.trimtab.space.SpaceBenchmark.";
    String rule = "io.trimtab.space.expression.ExpressionBenchmark.";
    String session = "io.trimtab.session.SessionBenchmark.";
    String client = "io.trimtab.openai.ClientOverheadBenchmark.";
    String layers = "io.trimtab.lm.ResilienceBenchmark.";
    String binding = "io.trimtab.program.BindingBenchmark.";
    return List.of(
        Experiment.of(state + "getByName", state + "rawGet")
            .row("`LocalState` get by name", "`ConcurrentHashMap.get` and volatile read")
            .atMost(2.5, "×", s -> s.ratio("getByName", "rawGet")),
        Experiment.of(session + "sessionGet", session + "providerGet")
            .row("session get", "`LocalState` get")
            .atMost(1.5, "×", s -> s.ratio("sessionGet", "providerGet")),
        Experiment.of(state + "set", state + "rawPut")
            .row("set with validation, version and history", "`ConcurrentHashMap.put` of a record")
            .atMost(6, "×", s -> s.ratio("set", "rawPut")),
        batch("128"),
        batch("1024"),
        Experiment.of(state + "getByName", state + "underWriter")
            .row("reads with 1 writer active, 2 threads", "reads alone")
            .atLeast(0.8, "×", s -> s.median("getByName") / s.part("underWriter", "reader")),
        Experiment.program(
                "io.trimtab.state.MemoryPerVariable",
                "(?s).*one by one: (\\d+) bytes per variable",
                "-Xmx1g",
                "-XX:+UseSerialGC")
            .row("memory per variable (10,000, no history)", "–")
            .atMost(999, "bytes", Scores::printed),
        Experiment.of(space + "free")
            .row("sample, 10 variables, no rules", "–")
            .atLeast(1, "million/s/core", s -> 1_000 / s.median("free")),
        Experiment.of(rule + "oneExpression", rule + "oneLambdaOverSlots")
            .row("a rule over a configuration, alone", "the same as a Java lambda")
            .atMost(3, "×", s -> s.ratio("oneExpression", "oneLambdaOverSlots")),
        Experiment.of(rule + "crowdedExpression", rule + "crowdedLambdaOverSlots")
            .row("a rule after seven others", "the same as a Java lambda")
            .atMost(3, "×", s -> s.ratio("crowdedExpression", "crowdedLambdaOverSlots")),
        Experiment.of(rule + "eightExpressions", rule + "eightLambdasOverSlots")
            .row("eight rules in turn", "the same as Java lambdas")
            .atMost(3, "×", s -> s.ratio("eightExpressions", "eightLambdasOverSlots")),
        Experiment.of(space + "ruledByExpressions", space + "ruledByPredicates")
            .row("sample, 10 variables, 2 rules at 50 % feasible", "the same with Java predicates")
            .atMost(1.5, "×", s -> s.ratio("ruledByExpressions", "ruledByPredicates")),
        Experiment.of(client + "openAiModel", client + "bareClient")
            .withSeconds(2)
            .withAllocation()
            .row("a call over loopback, p50", "bare JDK `HttpClient` and Jackson")
            .atMost(1.15, "×", s -> s.ratio("openAiModel", "bareClient"))
            .row("the same, CPU of the process", "the same")
            .atMost(1.15, "×", s -> cpuPerCall(s, "openAiModel") / cpuPerCall(s, "bareClient"))
            .row("the same, allocated", "–")
            .atMost(35, "KiB", s -> s.allocatedBytes("openAiModel") / 1_024),
        Experiment.of(layers + "plain", layers + "preset", layers + "everyLimit")
            .row("resilience layers, preset", "plain call")
            .atMost(3, "µs more", s -> (s.median("preset") - s.median("plain")) / 1e3)
            .row("resilience layers, every limit", "plain call")
            .atMost(3, "µs more", s -> (s.median("everyLimit") - s.median("plain")) / 1e3),
        Experiment.of(binding + "sixBound", binding + "sixFixed")
            .row("a program with six bound parameters", "with six fixed ones")
            .atMost(5, "µs more", s -> (s.median("sixBound") - s.median("sixFixed")) / 1e3),
        Experiment.program(
                "io.trimtab.evaluate.EvaluatorBenchmark", "median ([0-9.]+), worst", "-Xmx1g")
            .onJdk(25)
            .row("2,000 examples, 50 ms model, 256 at once, JDK 25", "ideal time")
            .atLeast(0.9, "of ideal", Scores::printed));
  }

  private static Experiment batch(String variables) {
    String state = "io.trimtab.state.LocalStateBenchmark.";
    return Experiment.of(state + "batchOfTen", state + "tenSets")
        .with(Map.of("variables", variables))
        .row("batch of 10 set, " + variables + " variables, full histories", "10 single sets")
        .atMost(0.7, "×", s -> s.ratio("batchOfTen", "tenSets"));
  }

  private static double cpuPerCall(Scores scores, String benchmark) {
    return scores.part(benchmark, "cpuMicros") / scores.part(benchmark, "calls");
  }

  /**
   * Measures and prints.
   *
   * @param args a regular expression over what is measured; everything if there is none
   */
  public static void main(String[] args) throws Exception {
    Pattern wanted = Pattern.compile(args.length == 0 ? "" : args[0], Pattern.CASE_INSENSITIVE);
    List<String> lines = new ArrayList<>();
    int missed = 0;
    for (Experiment experiment : experiments()) {
      if (!experiment.rows().stream().anyMatch(row -> wanted.matcher(row.what()).find())) {
        continue;
      }
      List<Scores> rounds = new ArrayList<>();
      for (int round = 1; round <= ROUNDS; round++) {
        Scores scores = experiment.run();
        System.err.printf("%s, round %d of %d: %s%n", experiment, round, ROUNDS, scores);
        rounds.add(scores);
      }
      for (Row row : experiment.rows()) {
        double[] figures = rounds.stream().mapToDouble(row.figure()).sorted().toArray();
        boolean holds = row.holds(figures[ROUNDS / 2]);
        missed += holds ? 0 : 1;
        lines.add(line(row, figures, holds));
      }
    }
    System.out.println("| what | against | bar | seen (least to most) | holds |");
    System.out.println("|---|---|---|---|---|");
    lines.forEach(System.out::println);
    System.out.printf(
        "%d of %d rows hold; java %s, %d processors%n",
        lines.size() - missed,
        lines.size(),
        Runtime.version(),
        Runtime.getRuntime().availableProcessors());
  }

  private static String line(Row row, double[] figures, boolean holds) {
    String seen =
        Arrays.stream(figures).anyMatch(Double::isNaN)
            ? "not measured"
            : "%s %s (%s to %s)"
                .formatted(
                    shown(figures[ROUNDS / 2]),
                    row.unit(),
                    shown(figures[0]),
                    shown(figures[ROUNDS - 1]));
    return "| %s | %s | %s | %s | %s |"
        .formatted(row.what(), row.against(), row.bar(), seen, holds ? "yes" : "**no**");
  }

  private static String shown(double figure) {
    return String.format(Locale.ROOT, figure >= 100 ? "%.0f" : "%.2f", figure);
  }
}
