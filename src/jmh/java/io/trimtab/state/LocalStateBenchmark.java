package io.trimtab.state;

import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@link LocalState} costs, each row next to its baseline: {@code rawGet} is a {@link
 * ConcurrentHashMap#get} plus a volatile read, {@code rawPut} a {@link ConcurrentHashMap#put} of a
 * fresh record.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LocalStateBenchmark {

  /** How many variables there are; a power of two. */
  @Param("128")
  private int variables;

  /** Everything a variable's version consists of, as a plain map would keep it. */
  record Raw(String id, Object value, long version, long revision, String source) {}

  private final ConcurrentHashMap<String, Raw> raw = new ConcurrentHashMap<>();
  private String[] names;
  private String[] ids;
  private final List<Map<String, Object>> batches = new ArrayList<>();
  private LocalState state;
  private volatile long revision;

  /** A position of one thread, so that reader and writer do not share a counter. */
  @State(Scope.Thread)
  public static class Cursor {
    private int next;
    private int mask;

    /** Learns how many variables there are. */
    @Setup
    public void start(LocalStateBenchmark benchmark) {
      mask = benchmark.variables - 1;
    }

    int step() {
      next = (next + 7) & mask; // 7 and a power of two are coprime: every variable takes its turn
      return next;
    }
  }

  /** Registers the variables. */
  @Setup
  public void open() {
    state = LocalState.create();
    names = new String[variables];
    ids = new String[variables];
    for (int i = 0; i < variables; i++) {
      names[i] = "variable_" + i;
      ids[i] = state.register(Variable.floating(names[i], 0.5, 0, 10_000_000)).id();
      raw.put(names[i], new Raw(ids[i], 0.5, 1, 1, "jvm"));
    }
    for (int i = 0; i < variables; i++) {
      Map<String, Object> batch = new LinkedHashMap<>();
      for (int j = 0; j < 10; j++) {
        batch.put(names[(i + 13 * j) & (variables - 1)], (double) (i + j));
      }
      batches.add(batch);
    }
    for (int i = 0; i < variables * StateProvider.HISTORY_LIMIT / 10; i++) {
      state.setAll(batches.get(i * 7 & (variables - 1))); // until every history is full
    }
  }

  /** Closes the state. */
  @TearDown
  public void close() {
    state.close();
  }

  @Benchmark
  public Object rawGet(Cursor cursor) {
    long seen = revision;
    Raw record = raw.get(names[cursor.step()]);
    return seen < 0 ? null : record.value();
  }

  @Benchmark
  public Object getByName(Cursor cursor) {
    return state.get(names[cursor.step()]).value();
  }

  @Benchmark
  public Object getById(Cursor cursor) {
    return state.get(ids[cursor.step()]).value();
  }

  @Benchmark
  public Object rawPut(Cursor cursor) {
    int i = cursor.step();
    return raw.put(names[i], new Raw(ids[i], (double) i, i, i, "jvm"));
  }

  @Benchmark
  public Object set(Cursor cursor) {
    int i = cursor.step();
    return state.set(names[i], (double) (i + (int) (state.revision() & 0xFFFF)));
  }

  @Benchmark
  public Object tenSets(Cursor cursor) {
    int i = cursor.step();
    Object last = null;
    for (Map.Entry<String, Object> entry : batches.get(i).entrySet()) {
      last = state.set(entry.getKey(), entry.getValue());
    }
    return last;
  }

  @Benchmark
  public Object batchOfTen(Cursor cursor) {
    return state.setAll(batches.get(cursor.step()));
  }

  @Benchmark
  public Object getManyTen(Cursor cursor) {
    return state.getMany(batches.get(cursor.step()).keySet());
  }

  @Benchmark
  public Object snapshot() {
    return state.snapshot();
  }

  // Reads of one thread while one writer runs; compare "reader" with getByName.

  @Benchmark
  @Group("underWriter")
  @GroupThreads(1)
  public Object reader(Cursor cursor) {
    return state.get(names[cursor.step()]).value();
  }

  @Benchmark
  @Group("underWriter")
  @GroupThreads(1)
  public Object writer(Cursor cursor) {
    int i = cursor.step();
    return state.set(names[i], (double) i);
  }

  // The same two threads without sharing anything: what the machine itself makes of a busy
  // neighbour.

  @Benchmark
  @Group("besideStranger")
  @GroupThreads(1)
  public Object readerBesideStranger(Cursor cursor) {
    return state.get(names[cursor.step()]).value();
  }

  @Benchmark
  @Group("besideStranger")
  @GroupThreads(1)
  public Object stranger(Cursor cursor, Other other) {
    int i = cursor.step();
    return other.state.set(names[i], (double) i);
  }

  /** Another state, which the reader never looks at. */
  @State(Scope.Benchmark)
  public static class Other {
    private LocalState state;

    /** Registers the same variables. */
    @Setup
    public void open(LocalStateBenchmark benchmark) {
      state = LocalState.create();
      for (int i = 0; i < benchmark.variables; i++) {
        state.register(Variable.floating("variable_" + i, 0.5, 0, 10_000_000));
      }
    }

    /** Closes the other state. */
    @TearDown
    public void close() {
      state.close();
    }
  }
}
