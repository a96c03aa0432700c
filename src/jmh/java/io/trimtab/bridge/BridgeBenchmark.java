package io.trimtab.bridge;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.trimtab.session.Session;
import io.trimtab.state.Batch;
import io.trimtab.state.LocalState;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/**
 * Measures the bridge against bare unary echoes in the same pair of processes, in alternating
 * slices, and prints a table with what must hold. Not JMH: what is compared runs in two processes,
 * and slices of one must alternate with slices of the other.
 *
 * <pre>{@code
 * mvn -q -Pbench test-compile exec:exec -Dbench.main=io.trimtab.bridge.BridgeBenchmark
 * }</pre>
 *
 * <p>With {@code TRIMTAB_OPTUNA} set to an interpreter that has Optuna, its {@code
 * GrpcStorageProxy} is measured, too.
 */
public final class BridgeBenchmark {

  private static final int SLICES = Integer.getInteger("trimtab.slices", 15);
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int CALLERS = 64;
  private static final int OPTUNA_RUNS = 5;

  private static final MethodDescriptor<byte[], byte[]> ECHO = method("Echo");
  private static final MethodDescriptor<byte[], byte[]> WRITE = method("Write");
  private static final MethodDescriptor<byte[], byte[]> CALL = method("Call");

  private final Sidecar sidecar;
  private final BridgedState state;
  private final BridgedState overGrpc;
  private final Pattern rows;
  private final byte[] payload = new byte[40];
  private final AtomicLong counter = new AtomicLong();
  private boolean allPassed = true;

  private BridgeBenchmark(
      Sidecar sidecar, BridgedState state, BridgedState overGrpc, Pattern rows) {
    this.sidecar = sidecar;
    this.state = state;
    this.overGrpc = overGrpc;
    this.rows = rows;
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            try {
              return stream.readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    return MethodDescriptor.newBuilder(bytes, bytes)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("bench.Bench/" + name)
        .build();
  }

  private static SidecarLaunch launch() {
    SidecarLaunch launch =
        Sidecar.launch()
            .sources(Path.of("src", "python"))
            .cacheDirectory(Path.of("target", "sidecar-cache"));
    String python = System.getProperty("trimtab.python");
    return python == null ? launch : launch.python(Path.of(python));
  }

  /**
   * Runs everything and prints the table.
   *
   * @param args first a regular expression that finds the rows wanted among the names below, with a
   *     dot for each space; all without
   */
  public static void main(String[] args) throws Exception {
    try (Sidecar sidecar =
            launch()
                .pythonPath(Path.of("src", "jmh", "python"))
                .programModules("bench_programs")
                .start();
        BridgedState state = BridgedState.builder("bench", sidecar).open();
        BridgedState overGrpc = BridgedState.builder("grpc", sidecar.overGrpc()).open()) {
      Pattern rows = Pattern.compile(args.length == 0 ? "." : args[0]);
      BridgeBenchmark benchmark = new BridgeBenchmark(sidecar, state, overGrpc, rows);
      System.out.println("| what | seen | bar | |\n|---|---|---|---|");
      benchmark.run();
      System.exit(benchmark.allPassed ? 0 : 1);
    }
  }

  private void run() throws Exception {
    state.register(Variable.integer("counter", 0, 0, Long.MAX_VALUE));
    state.register(Variable.integer("stamp", 0, 0, Long.MAX_VALUE));
    List<Variable<?>> hundred = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      hundred.add(Variable.integer("v" + i, 0, 0, Long.MAX_VALUE));
    }
    state.registerAll(hundred, io.trimtab.state.WriteContext.JVM);
    overGrpc.register(Variable.integer("counter", 0, 0, Long.MAX_VALUE));
    overGrpc.registerAll(hundred, io.trimtab.state.WriteContext.JVM);
    rows("one caller", this::oneCaller);
    rows("many callers", this::manyCallers);
    rows("replica", this::replicaReads);
    rows("python write", this::fromPython);
    rows("forward", this::forward);
    rows("launch", this::launches);
    rows("switch", this::switches);
    rows("watchers", this::fanOut);
  }

  private interface Rows {
    void measure() throws Exception;
  }

  private void rows(String name, Rows measurement) throws Exception {
    if (rows.matcher(name).find()) {
      measurement.measure();
    }
  }

  private void echo() {
    ClientCalls.blockingUnaryCall(sidecar.channel(), ECHO, CallOptions.DEFAULT, payload);
  }

  private void get() {
    state.find("counter");
  }

  private void set() {
    state.set("counter", counter.incrementAndGet());
  }

  private void getOverGrpc() {
    overGrpc.find("counter");
  }

  private void setOverGrpc() {
    overGrpc.set("counter", counter.incrementAndGet());
  }

  private void setHundred() {
    setHundred(state);
  }

  private void setHundredOverGrpc() {
    setHundred(overGrpc);
  }

  private void setHundred(BridgedState target) {
    Batch.Builder batch = Batch.builder();
    long value = counter.incrementAndGet();
    for (int i = 0; i < 100; i++) {
      batch.set("v" + i, value);
    }
    target.commit(batch.build());
  }

  // Rows

  private double echoP99;

  private double echoP99() {
    if (echoP99 == 0) {
      List<long[]> slices = new ArrayList<>();
      for (int slice = 0; slice < SLICES + 5; slice++) {
        slices.add(latencies(this::echo));
      }
      echoP99 = medianOf(slices.subList(5, slices.size()), 0.99);
    }
    return echoP99;
  }

  private void oneCaller() {
    List<Runnable> what =
        List.of(
            this::echo,
            this::get,
            this::set,
            this::setHundred,
            this::getOverGrpc,
            this::setOverGrpc,
            this::setHundredOverGrpc);
    List<List<long[]>> slices = new ArrayList<>();
    what.forEach(w -> slices.add(new ArrayList<>()));
    for (int slice = -5; slice < SLICES; slice++) { // the first five warm up
      for (int i = 0; i < what.size(); i++) {
        long[] times = latencies(what.get(i));
        if (slice >= 0) {
          slices.get(i).add(times);
        }
      }
    }
    double echo = medianOf(slices.get(0), 0.5);
    double get = medianOf(slices.get(1), 0.5);
    double set = medianOf(slices.get(2), 0.5);
    double hundred = medianOf(slices.get(3), 0.5);
    echoP99 = medianOf(slices.get(0), 0.99);
    row(
        "bare unary echo, one caller, p50 and p99",
        micros(echo) + ", " + micros(echoP99),
        "",
        true);
    ratio("linearizable get, one caller, p50", get, echo, 0.5);
    ratio("set, one caller, p50", set, echo, 0.7);
    ratio("batch of 100 set, p50, against one set", hundred, set, 4);
    ratio("get over gRPC, one caller, p50", medianOf(slices.get(4), 0.5), echo);
    double setOverGrpc = medianOf(slices.get(5), 0.5);
    ratio("set over gRPC, one caller, p50", setOverGrpc, echo);
    ratio(
        "batch of 100 set over gRPC, p50, against one set",
        medianOf(slices.get(6), 0.5),
        setOverGrpc,
        4);
  }

  private static long[] latencies(Runnable what) {
    long end = System.nanoTime() + SLICE_NANOS;
    long[] times = new long[200_000];
    int n = 0;
    for (long now = System.nanoTime(); now < end && n < times.length; n++) {
      what.run();
      long after = System.nanoTime();
      times[n] = after - now;
      now = after;
    }
    long[] sorted = Arrays.copyOf(times, n);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Returns the median over slices of a quantile of each. */
  private static double medianOf(List<long[]> slices, double quantile) {
    return slices.stream()
        .filter(slice -> slice.length > 0)
        .mapToDouble(slice -> slice[(int) (quantile * (slice.length - 1))])
        .sorted()
        .toArray()[slices.size() / 2];
  }

  private void manyCallers() throws IOException, InterruptedException {
    double[] one = rates(1);
    double[] many = rates(CALLERS);
    row("bare unary echoes, 64 callers", perSecond(many[0]), "", true);
    factor("gets, 64 callers, against echoes", many[1], many[0], 10);
    factor("sets, 64 callers, against echoes", many[2], many[0], 6);
    row("gets over gRPC, 64 callers", perSecond(many[3]), "", true);
    row("sets over gRPC, 64 callers", perSecond(many[4]), "", true);
    optuna(new double[] {one[2], many[2], one[1], many[1]});
  }

  private double[] rates(int callers) throws InterruptedException {
    List<Runnable> what =
        List.of(this::echo, this::get, this::set, this::getOverGrpc, this::setOverGrpc);
    double[][] rates = new double[what.size()][SLICES];
    for (int slice = -2; slice < SLICES; slice++) {
      for (int i = 0; i < what.size(); i++) {
        double rate = rate(callers, what.get(i));
        if (slice >= 0) {
          rates[i][slice] = rate;
        }
      }
    }
    return Arrays.stream(rates)
        .mapToDouble(slices -> Arrays.stream(slices).sorted().toArray()[SLICES / 2])
        .toArray();
  }

  private static double rate(int callers, Runnable what) throws InterruptedException {
    LongAdder calls = new LongAdder();
    long start = System.nanoTime();
    long end = start + SLICE_NANOS;
    Thread[] threads = new Thread[callers];
    for (int i = 0; i < callers; i++) {
      threads[i] =
          new Thread(
              () -> {
                while (System.nanoTime() < end) {
                  what.run();
                  calls.increment();
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return calls.sum() * 1e9 / (System.nanoTime() - start);
  }

  private void replicaReads() {
    BridgedState.Replica replica = state.replica();
    try (LocalState local = LocalState.create()) {
      local.register(Variable.integer("counter", 0, 0, Long.MAX_VALUE));
      double[][] nanos = new double[2][SLICES];
      long sink = 0;
      for (int slice = -5; slice < SLICES; slice++) {
        long start = System.nanoTime();
        for (int i = 0; i < 2_000_000; i++) {
          sink += local.find("counter").version();
        }
        long middle = System.nanoTime();
        for (int i = 0; i < 2_000_000; i++) {
          sink += replica.find("counter").version();
        }
        if (slice >= 0) {
          nanos[0][slice] = (middle - start) / 2e6;
          nanos[1][slice] = (System.nanoTime() - middle) / 2e6;
        }
      }
      Arrays.sort(nanos[0]);
      Arrays.sort(nanos[1]);
      double here = nanos[0][SLICES / 2];
      double there = nanos[1][SLICES / 2];
      row(
          "replica get, against LocalState get" + (sink == 0 ? "!" : ""),
          "%.2f x (%.1f / %.1f ns)".formatted(there / here, there, here),
          "<= 2 x",
          there <= 2 * here);
    }
  }

  /**
   * Python stamps a variable with the time; the age of the stamp when it is told here is the delay.
   */
  private void fromPython() throws InterruptedException {
    int count = 3_000;
    long[] delays = new long[count];
    int[] seen = {0};
    CountDownLatch all = new CountDownLatch(count);
    try (AutoCloseable watch =
        state.watch(
            WatchRequest.of("stamp").queueCapacity(count).build(),
            changes -> {
              Instant now = Instant.now();
              long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
              if (seen[0] < count) {
                delays[seen[0]++] = nanos - (Long) changes.changes().get(0).newValue();
                all.countDown();
              }
            })) {
      ClientCalls.blockingUnaryCall(
          sidecar.channel(),
          WRITE,
          CallOptions.DEFAULT,
          "bench %d 0.001".formatted(count).getBytes(StandardCharsets.UTF_8));
      all.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    Arrays.sort(delays);
    double p99 = delays[(int) (count * 0.99)];
    double echo = echoP99();
    row(
        "written in Python, told to a watch here, p99, against echo p99",
        "%.2f x (%s / %s; p50 %s)"
            .formatted(p99 / echo, micros(p99), micros(echo), micros(delays[count / 2])),
        "<= 2 x",
        p99 <= 2 * echo);
  }

  private void fanOut() throws InterruptedException {
    int watchers = 1_000;
    int updates = 10_000;
    CountDownLatch all = new CountDownLatch(watchers);
    LongAdder faults = new LongAdder();
    List<Watch> watches = new ArrayList<>();
    long before = state.get("counter").version();
    for (int w = 0; w < watchers; w++) {
      long[] version = {before};
      watches.add(
          state.watch(
              WatchRequest.of("counter").queueCapacity(updates + 1).build(),
              set -> {
                set.changes()
                    .forEach(
                        change -> {
                          if (change.state().version() != ++version[0] || set.conflated()) {
                            faults.increment();
                          }
                        });
                if (version[0] == before + updates) {
                  all.countDown();
                }
              }));
    }
    long start = System.nanoTime();
    Watch last = watches.get(watchers - 1);
    for (int u = 1; u <= updates; u++) {
      long revision = state.set("counter", counter.incrementAndGet()).revision();
      if (u % 100 == 0) {
        last.await(revision, Duration.ofSeconds(30)); // a listener may lag, not run away
      }
    }
    boolean told = all.await(2, TimeUnit.MINUTES);
    double seconds = (System.nanoTime() - start) / 1e9;
    row(
        "1,000 watchers, 10,000 updates",
        "%d lost or doubled, %.1f s, %,.0f deliveries/s"
            .formatted(
                told ? faults.sum() : all.getCount(),
                seconds,
                watchers * (double) updates / seconds),
        "none lost, none doubled",
        told && faults.sum() == 0);
    watches.forEach(Watch::close);
  }

  /** Slices of the call inside Python alternate with slices of the call from here and of echoes. */
  private void forward() {
    if (callsInPython() < 0) {
      row("BridgedProgram.forward", "not measured: the sidecar's Python has no DSPy", "", true);
      return;
    }
    try (Session session = Session.open();
        Bridge bridge = Bridge.between(session, sidecar).open()) {
      BridgedProgram program = bridge.program("trivial");
      Map<String, Object> inputs = Map.of("question", "why?");
      List<long[]> echoes = new ArrayList<>();
      List<long[]> calls = new ArrayList<>();
      double[] inside = new double[SLICES];
      for (int slice = -5; slice < SLICES; slice++) {
        long[] echo = latencies(this::echo);
        long[] call = latencies(() -> program.run(inputs, session));
        double there = callsInPython();
        if (slice >= 0) {
          echoes.add(echo);
          calls.add(call);
          inside[slice] = there;
        }
      }
      Arrays.sort(inside);
      double there = inside[SLICES / 2];
      double here = medianOf(calls, 0.5);
      double echo = medianOf(echoes, 0.5);
      row(
          "BridgedProgram.forward of a trivial DSPy module, p50, beyond the same call in Python",
          "+ %.2f echoes (%s here, %s there, echo %s)"
              .formatted((here - there) / echo, micros(here), micros(there), micros(echo)),
          "<= 2 echoes",
          here - there <= 2 * echo);
    }
  }

  private double callsInPython() {
    byte[] seconds = "0.3".getBytes(StandardCharsets.UTF_8);
    return Double.parseDouble(
        new String(
            ClientCalls.blockingUnaryCall(sidecar.channel(), CALL, CallOptions.DEFAULT, seconds),
            StandardCharsets.UTF_8));
  }

  private void launches() {
    double[] seconds = new double[7];
    for (int i = 0; i < seconds.length; i++) {
      long start = System.nanoTime();
      try (Sidecar another = launch().start();
          BridgedState opened = BridgedState.builder("cold", another).open()) {
        opened.revision();
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    row(
        "cold launch to the first read, environment already made, median of 7",
        "%.2f s (best %.2f s)".formatted(seconds[3], seconds[0]),
        "< 1.5 s",
        seconds[3] < 1.5);
  }

  private void switches() {
    List<Duration> pauses = new ArrayList<>();
    try (Session session = Session.builder().bridge(new BridgedStateFactory(sidecar)).open()) {
      for (int i = 0; i < 100; i++) {
        session.register(Variable.floating("p" + i, 0.5, 0.0, 1.0));
      }
      for (int i = 0; i < 25; i++) {
        session.ensureBridged();
        session.switchTo(new LocalStateFactory());
      }
      session
          .backend()
          .switches()
          .forEach(
              change -> {
                if (change.to().equals("bridged")) {
                  pauses.add(change.pause());
                }
              });
    }
    List<Duration> warm = new ArrayList<>(pauses.subList(5, pauses.size()));
    warm.sort(null);
    Duration median = warm.get(warm.size() / 2);
    row(
        "writers' pause of a switch to the sidecar, 100 variables, median",
        median.toMillis() + " ms (worst " + warm.get(warm.size() - 1).toMillis() + " ms)",
        "< 50 ms",
        median.toMillis() < 50);
  }

  private void optuna(double[] ours) throws IOException, InterruptedException {
    String python = System.getenv("TRIMTAB_OPTUNA");
    if (python == null) {
      row("Optuna's GrpcStorageProxy", "not measured: set TRIMTAB_OPTUNA", "", true);
      return;
    }
    double[][] rates = new double[2][OPTUNA_RUNS];
    for (int i = 0; i < OPTUNA_RUNS; i++) {
      double[] seen = optunaRates(python);
      rates[0][i] = seen[0];
      rates[1][i] = seen[1];
    }
    Arrays.sort(rates[0]);
    Arrays.sort(rates[1]);
    double one = rates[0][OPTUNA_RUNS / 2];
    double many = rates[1][OPTUNA_RUNS / 2];
    row(
        "Optuna's set_trial_param, one caller and 64, least to most of %d runs"
            .formatted(OPTUNA_RUNS),
        "%s to %s, %s to %s"
            .formatted(
                perSecond(rates[0][0]),
                perSecond(rates[0][OPTUNA_RUNS - 1]),
                perSecond(rates[1][0]),
                perSecond(rates[1][OPTUNA_RUNS - 1])),
        "",
        true);
    factor("sets, one caller, against Optuna's set_trial_param", ours[0], one, 10);
    factor("gets, one caller, against Optuna's set_trial_param", ours[2], one, 10);
    factor("sets, 64 callers, against Optuna's set_trial_param", ours[1], many, 30);
    factor("gets, 64 callers, against Optuna's set_trial_param", ours[3], many, 30);
  }

  private static double[] optunaRates(String python) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(python, "src/jmh/python/optuna_proxy.py", "3")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return Arrays.stream(printed.strip().split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  // The table

  private void ratio(String what, double value, double floor, double atMost) {
    row(
        what,
        "%.2f x (%s / %s)".formatted(value / floor, micros(value), micros(floor)),
        "<= %.1f x".formatted(atMost),
        value <= atMost * floor);
  }

  private void ratio(String what, double value, double floor) {
    row(what, "%.2f x (%s / %s)".formatted(value / floor, micros(value), micros(floor)), "", true);
  }

  private void factor(String what, double value, double floor, double atLeast) {
    row(
        what,
        "%.1f x (%s / %s)".formatted(value / floor, perSecond(value), perSecond(floor)),
        ">= %.0f x".formatted(atLeast),
        value >= atLeast * floor);
  }

  private static String micros(double nanos) {
    return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
  }

  private static String perSecond(double rate) {
    return String.format(Locale.ROOT, "%,.0f/s", rate);
  }

  private void row(String what, String seen, String bar, boolean passed) {
    allPassed &= passed;
    System.out.printf(
        "| %s | %s | %s | %s |%n",
        what, seen, bar, bar.isEmpty() ? "" : passed ? "pass" : "MISSED");
  }
}
