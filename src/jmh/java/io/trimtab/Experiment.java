package io.trimtab;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Benchmarks, or a program, that are run together, and the rows of the table they fill. */
final class Experiment {

  private static final int WARM_UPS = 3;
  private static final int ITERATIONS = 5;

  /** One line of the table. */
  record Row(
      String what,
      String against,
      String unit,
      double limit,
      boolean atMost,
      ToDoubleFunction<Scores> figure) {

    boolean holds(double seen) {
      return atMost ? seen <= limit : seen >= limit;
    }

    String bar() {
      String number = limit == Math.rint(limit) ? "%.0f".formatted(limit) : String.valueOf(limit);
      return (atMost ? "≤ " : "≥ ") + number + " " + unit;
    }
  }

  /** What one round measured: results by the name of the benchmark's method. */
  record Scores(Map<String, RunResult> results, double printed) {

    /** Returns the median of the iterations, or of the calls if each was timed. */
    double median(String benchmark) {
      return result(benchmark).getPrimaryResult().getStatistics().getPercentile(50);
    }

    /** Returns how many times as long one takes as another. */
    double ratio(String benchmark, String floor) {
      return median(benchmark) / median(floor);
    }

    /** Returns one of several things that a benchmark measures. */
    double part(String benchmark, String part) {
      return result(benchmark).getSecondaryResults().get(part).getScore();
    }

    double allocatedBytes(String benchmark) {
      return part(benchmark, "gc.alloc.rate.norm");
    }

    /** Returns each benchmark's median with its unit. */
    @Override
    public String toString() {
      return results.isEmpty()
          ? String.valueOf(printed)
          : results.keySet().stream()
              .sorted()
              .map(name -> name + " %.1f ".formatted(median(name)) + unit(name))
              .collect(Collectors.joining(", "));
    }

    private String unit(String benchmark) {
      return result(benchmark).getPrimaryResult().getScoreUnit();
    }

    private RunResult result(String benchmark) {
      RunResult result = results.get(benchmark);
      if (result == null) {
        throw new IllegalArgumentException(
            "expected one of " + results.keySet() + ", got " + benchmark);
      }
      return result;
    }
  }

  /** What {@link #row} began. */
  final class OpenRow {
    private final String what;
    private final String against;

    private OpenRow(String what, String against) {
      this.what = what;
      this.against = against;
    }

    Experiment atMost(double limit, String unit, ToDoubleFunction<Scores> figure) {
      rows.add(new Row(what, against, unit, limit, /* atMost= */ true, figure));
      return Experiment.this;
    }

    Experiment atLeast(double limit, String unit, ToDoubleFunction<Scores> figure) {
      rows.add(new Row(what, against, unit, limit, /* atMost= */ false, figure));
      return Experiment.this;
    }
  }

  /** How a round is measured. */
  private interface Measurement {
    Scores run() throws Exception;
  }

  private final Measurement measurement;
  private final List<Row> rows = new ArrayList<>();
  private Map<String, String> parameters = Map.of();
  private TimeValue iteration = TimeValue.milliseconds(500);
  private boolean allocation;
  private int jdk = 17;

  private Experiment(String[] benchmarks) {
    this.measurement = () -> benchmarks(benchmarks);
  }

  private Experiment(String main, String pattern, String[] options) {
    this.measurement = () -> printed(main, Pattern.compile(pattern), options);
  }

  /** Benchmarks by their full names. */
  static Experiment of(String... benchmarks) {
    return new Experiment(benchmarks);
  }

  /** A program that prints one figure: the first group of a pattern. */
  static Experiment program(String main, String pattern, String... options) {
    return new Experiment(main, pattern, options);
  }

  Experiment with(Map<String, String> parameters) {
    this.parameters = parameters;
    return this;
  }

  Experiment withSeconds(int seconds) {
    this.iteration = TimeValue.seconds(seconds);
    return this;
  }

  Experiment withAllocation() {
    this.allocation = true;
    return this;
  }

  /** Asks for a Java version; where {@code JAVA25_HOME} is, say, nobody else knows. */
  Experiment onJdk(int version) {
    this.jdk = version;
    return this;
  }

  OpenRow row(String what, String against) {
    return new OpenRow(what, against);
  }

  List<Row> rows() {
    return rows;
  }

  Scores run() throws Exception {
    return measurement.run();
  }

  private Scores benchmarks(String[] names) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .forks(1)
            .warmupIterations(WARM_UPS)
            .warmupTime(iteration)
            .measurementIterations(ITERATIONS)
            .measurementTime(iteration)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    for (String name : names) {
      options.include(Pattern.quote(name) + "$");
    }
    parameters.forEach(options::param);
    if (allocation) {
      options.addProfiler(GCProfiler.class);
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    Map<String, RunResult> byName = new HashMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      byName.put(name.substring(name.lastIndexOf('.') + 1), result);
    }
    return new Scores(byName, Double.NaN);
  }

  private Scores printed(String main, Pattern pattern, String[] options)
      throws IOException, InterruptedException {
    String home =
        Runtime.version().feature() >= jdk
            ? System.getProperty("java.home")
            : System.getenv("JAVA" + jdk + "_HOME");
    if (home == null) {
      System.err.printf("%s needs JDK %d: set JAVA%d_HOME%n", main, jdk, jdk);
      return new Scores(Map.of(), Double.NaN);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(home, "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .directory(new File("."))
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher matcher = pattern.matcher(output);
    if (process.waitFor() != 0 || !matcher.find()) {
      throw new IllegalStateException(
          "expected \"%s\" of %s, got%n%s".formatted(pattern, main, output));
    }
    return new Scores(Map.of(), Double.parseDouble(matcher.group(1)));
  }

  @Override
  public String toString() {
    return rows.get(0).what();
  }
}
