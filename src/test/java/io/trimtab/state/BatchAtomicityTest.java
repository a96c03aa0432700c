package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writers move amounts between accounts, so that their sum stays 0; readers look for a sum that is
 * not, and for a single read that goes back in time. A store whose batch is a series of puts must
 * be caught by the same readers. Run with {@code -Dseed=} to repeat.
 */
@Timeout(120)
final class BatchAtomicityTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int ACCOUNTS = 16;
  private static final int COMMITS = LONG ? 2_000_000 : 20_000;
  private static final List<String> NAMES = new ArrayList<>();

  static {
    for (int i = 0; i < ACCOUNTS; i++) {
      NAMES.add("account_" + i);
    }
  }

  private final long seed = Long.getLong("seed", System.nanoTime());

  /** What is under test: a batch, a read of everything with its revision, a read of one version. */
  private interface Accounts {
    void write(Map<String, Long> amounts);

    Map<String, Long> readAll();

    long version(String name);
  }

  private static final class LocalAccounts implements Accounts {
    private final LocalState state;

    LocalAccounts(LocalState state) {
      this.state = state;
      NAMES.forEach(
          name -> state.register(Variable.integer(name, 0, Long.MIN_VALUE, Long.MAX_VALUE)));
    }

    @Override
    public void write(Map<String, Long> amounts) {
      state.setAll(amounts);
    }

    @Override
    public Map<String, Long> readAll() {
      Map<String, Long> amounts = new LinkedHashMap<>();
      StateSnapshot snapshot = state.getMany(NAMES);
      snapshot
          .variables()
          .forEach(
              (name, variable) -> {
                assertThat(variable.revision()).isLessThanOrEqualTo(snapshot.revision());
                amounts.put(name, (Long) variable.value());
              });
      return amounts;
    }

    @Override
    public long version(String name) {
      return state.get(name).version();
    }
  }

  /** Planted fault: a batch is a series of puts. */
  private static final class TornAccounts implements Accounts {
    private final ConcurrentHashMap<String, long[]> map = new ConcurrentHashMap<>();

    TornAccounts() {
      NAMES.forEach(name -> map.put(name, new long[] {0, 1}));
    }

    @Override
    public void write(Map<String, Long> amounts) {
      amounts.forEach(
          (name, amount) -> map.compute(name, (key, old) -> new long[] {amount, old[1] + 1}));
    }

    @Override
    public Map<String, Long> readAll() {
      Map<String, Long> amounts = new LinkedHashMap<>();
      NAMES.forEach(name -> amounts.put(name, map.get(name)[0]));
      return amounts;
    }

    @Override
    public long version(String name) {
      return map.get(name)[1];
    }
  }

  /** Runs writers and readers and returns how many torn or backward reads were seen. */
  private long violations(Accounts accounts, boolean stopAtFirst) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong violations = new AtomicLong();
    AtomicLong reads = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SplittableRandom random = new SplittableRandom(seed + i);
        int own = i; // each writer moves amounts among accounts of its own
        writers.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < COMMITS && !(stopAtFirst && violations.get() > 0); n++) {
                    accounts.write(transfer(random, own));
                  }
                }));
      }
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            threads.submit(
                () -> {
                  while (!done.get()) {
                    reads.incrementAndGet();
                    if (accounts.readAll().values().stream().mapToLong(v -> v).sum() != 0) {
                      violations.incrementAndGet();
                    }
                  }
                }));
      }
      readers.add(threads.submit(() -> readInOrder(accounts, done, violations)));
      for (Future<?> writer : writers) {
        writer.get(100, TimeUnit.SECONDS);
      }
      done.set(true);
      for (Future<?> reader : readers) {
        reader.get(10, TimeUnit.SECONDS);
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    System.out.println(
        "BatchAtomicityTest seed=" + seed + " reads=" + reads + " violations=" + violations);
    return violations.get();
  }

  /**
   * Every batch writes a writer's whole half of the accounts, so versions within it move together.
   */
  private static Map<String, Long> transfer(SplittableRandom random, int half) {
    Map<String, Long> amounts = new LinkedHashMap<>();
    long sum = 0;
    int first = half * ACCOUNTS / 2;
    for (int i = first; i < first + ACCOUNTS / 2 - 1; i++) {
      long amount = random.nextInt(-1000, 1000);
      amounts.put(NAMES.get(i), amount);
      sum += amount;
    }
    amounts.put(NAMES.get(first + ACCOUNTS / 2 - 1), -sum);
    return amounts;
  }

  /** Whoever saw version v of the first account must see at least v of the last one afterwards. */
  private static void readInOrder(Accounts accounts, AtomicBoolean done, AtomicLong violations) {
    while (!done.get()) {
      long first = accounts.version(NAMES.get(0));
      long last = accounts.version(NAMES.get(ACCOUNTS / 2 - 1));
      if (last < first) {
        violations.incrementAndGet();
      }
    }
  }

  @Test
  void localState_readersNeverSeeHalfOfABatch() throws Exception {
    try (LocalState state = LocalState.create()) {
      assertThat(violations(new LocalAccounts(state), false)).as("seed %d", seed).isZero();
      assertThat(state.revision()).isEqualTo(ACCOUNTS + 2L * COMMITS);
    }
  }

  @Test
  void tornBatches_areSeenByTheSameReaders() throws Exception {
    assertThat(violations(new TornAccounts(), true)).as("seed %d", seed).isPositive();
  }

  @Test
  void update_eightThreads_losesNoIncrement() throws Exception {
    int each = 2_000;
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (LocalState state = LocalState.create()) {
      state.register(Variable.integer("n", 0, 0, Long.MAX_VALUE));
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        running.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < each; n++) {
                    state.update("n", value -> (Long) value + 1, WriteContext.JVM);
                  }
                }));
      }
      for (Future<?> thread : running) {
        thread.get(60, TimeUnit.SECONDS);
      }

      assertThat(state.get("n").value()).isEqualTo(8L * each);
      assertThat(state.get("n").version()).isEqualTo(8L * each + 1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void registerAndDelete_underReaders_areSeenWhole() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong torn = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (LocalState state = LocalState.create()) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        boolean byList = i == 0;
        readers.add(
            threads.submit(
                () -> {
                  while (!done.get()) {
                    StateSnapshot seen =
                        byList ? state.snapshot() : state.getMany(List.of("a", "b"));
                    if (seen.variables().size() % 2 != 0
                        || seen.documents().containsKey("pair") != (seen.variables().size() == 2)) {
                      torn.incrementAndGet();
                    }
                  }
                }));
      }
      for (int n = 0; n < 5_000; n++) {
        state.commit(
            Batch.builder()
                .register(Variable.bool("a", true))
                .register(Variable.bool("b", true))
                .putDocument("pair", "{}", null)
                .build());
        state.commit(Batch.builder().delete("a").delete("b").deleteDocument("pair", null).build());
      }
      done.set(true);
      for (Future<?> reader : readers) {
        reader.get(10, TimeUnit.SECONDS);
      }

      assertThat(torn).hasValue(0);
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
  }
}
