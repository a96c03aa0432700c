package io.trimtab.bridge;

import io.trimtab.state.Change;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes and reads a store without rest, and keeps an exact ledger of what was acknowledged.
 *
 * <p>Each writer owns one variable and writes a new number every time. Hence the ledger can tell,
 * from what a watcher was told, whether every acknowledged write was applied exactly once, whether
 * a write whose outcome was not known was applied at most once, and whether anything came twice,
 * out of order, or not at all.
 */
final class Hammer {

  /** What is hammered: a provider, or a session that moves between several. */
  interface Store {
    VariableState register(Variable<?> variable);

    VariableState set(String name, Object value);

    VariableState find(String name);

    Watch watch(WatchRequest request, WatchListener listener);
  }

  private record Acknowledged(long value, long version) {}

  private final Store store;
  private final Duration deadline;
  private final int writers;
  private final int readers;
  private final int watchers;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> running = new ArrayList<>();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final Map<String, List<Acknowledged>> acknowledged = new ConcurrentHashMap<>();
  private final Map<String, Set<Long>> unknown = new ConcurrentHashMap<>();
  private final Map<String, Long> newest = new ConcurrentHashMap<>();
  private final List<Map<String, List<VariableState>>> told = new ArrayList<>();
  private final List<Watch> watches = new ArrayList<>();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private volatile boolean done;

  Hammer(Store store, Duration deadline, int writers, int readers, int watchers) {
    this.store = store;
    this.deadline = deadline;
    this.writers = writers;
    this.readers = readers;
    this.watchers = watchers;
  }

  Hammer start() {
    for (int w = 0; w < writers; w++) {
      store.register(Variable.integer(name(w), 0, 0, Long.MAX_VALUE));
      acknowledged.put(name(w), new ArrayList<>());
      unknown.put(name(w), ConcurrentHashMap.newKeySet());
      newest.put(name(w), 0L);
    }
    for (int i = 0; i < watchers; i++) {
      watch();
    }
    for (int w = 0; w < writers; w++) {
      String mine = name(w);
      running.add(threads.submit(() -> write(mine)));
    }
    for (int r = 0; r < readers; r++) {
      String theirs = name(r % writers);
      running.add(threads.submit(() -> read(theirs)));
    }
    return this;
  }

  private static String name(int writer) {
    return "w" + writer;
  }

  private void watch() {
    Map<String, List<VariableState>> log = new ConcurrentHashMap<>();
    told.add(log);
    watches.add(
        store.watch(
            WatchRequest.matching("w*").queueCapacity(1_000_000).build(),
            set -> {
              if (set.conflated()) {
                fault("a watcher was told conflated changes at revision " + set.revision());
              }
              for (Change change : set.changes()) {
                log.computeIfAbsent(
                        change.name(), key -> Collections.synchronizedList(new ArrayList<>()))
                    .add(change.state());
              }
            }));
  }

  private void fault(String text) {
    if (faults.size() < 20) {
      faults.add(text);
    }
  }

  private void write(String mine) {
    long value = 0;
    while (!done) {
      value++;
      long startedAt = System.nanoTime();
      try {
        VariableState written = store.set(mine, value);
        acknowledged.get(mine).add(new Acknowledged(value, written.version()));
        newest.put(mine, value);
        writes.incrementAndGet();
      } catch (StateUnavailableException e) {
        unknown.get(mine).add(value);
        refused.incrementAndGet();
      } catch (RuntimeException e) {
        fault("%s: writing %d failed with %s".formatted(mine, value, e));
      }
      noteTime("a write", startedAt);
      signal();
    }
  }

  private void read(String theirs) {
    long last = 0;
    while (!done) {
      long atLeast = newest.get(theirs);
      long startedAt = System.nanoTime();
      try {
        VariableState seen = store.find(theirs);
        if (seen == null) {
          fault(theirs + ": a reader misses the variable");
        } else {
          long value = (Long) seen.value();
          if (value < atLeast || value < last) {
            fault("%s: read %d after %d".formatted(theirs, value, Math.max(atLeast, last)));
          }
          last = value;
        }
        reads.incrementAndGet();
      } catch (StateUnavailableException e) {
        refused.incrementAndGet();
      } catch (RuntimeException e) {
        fault("%s: reading failed with %s".formatted(theirs, e));
      }
      noteTime("a read", startedAt);
    }
  }

  private void noteTime(String what, long startedAt) {
    long took = System.nanoTime() - startedAt;
    slowest.accumulateAndGet(took, Math::max);
    if (took > deadline.toNanos() + TimeUnit.SECONDS.toNanos(1)) {
      fault("%s took %d ms".formatted(what, took / 1_000_000));
    }
  }

  private void signal() {
    lock.lock();
    try {
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many more writes were acknowledged. */
  void awaitWrites(long more, Duration patience) throws InterruptedException {
    long wanted = writes.get() + more;
    long left = patience.toNanos();
    lock.lock();
    try {
      while (writes.get() < wanted && left > 0) {
        left = progress.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    if (writes.get() < wanted) {
      fault("no %d writes were acknowledged within %s".formatted(more, patience));
    }
  }

  /** Waits until so many more calls failed. */
  void awaitRefusals(long more, Duration patience) throws InterruptedException {
    long wanted = refused.get() + more;
    long left = patience.toNanos();
    lock.lock();
    try {
      while (refused.get() < wanted && left > 0) {
        left = progress.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the threads and holds what happened against the ledger; returns what is wrong. */
  List<String> stop() throws Exception {
    done = true;
    for (Future<?> thread : running) {
      thread.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    for (int w = 0; w < writers; w++) {
      VariableState last = store.find(name(w));
      for (int i = 0; i < watchers; i++) {
        if (!watches.get(i).await(last.revision(), Duration.ofSeconds(30))) {
          fault("watcher %d was not told of revision %d".formatted(i, last.revision()));
        }
        check(name(w), last, told.get(i).getOrDefault(name(w), List.of()));
      }
    }
    watches.forEach(Watch::close);
    return faults;
  }

  private void check(String name, VariableState last, List<VariableState> log) {
    Map<Long, Long> versions = new ConcurrentHashMap<>();
    long version = 1;
    for (VariableState state : log) {
      if (state.version() != ++version) {
        fault("%s: told version %d instead of %d".formatted(name, state.version(), version));
        version = state.version();
      }
      if (versions.put((Long) state.value(), state.version()) != null) {
        fault("%s: %s was applied twice".formatted(name, state.value()));
      }
    }
    if (last.version() != version) {
      fault("%s: ends at version %d, told up to %d".formatted(name, last.version(), version));
    }
    int asked = acknowledged.get(name).size() + unknown.get(name).size();
    if (last.version() - 1 > asked) {
      fault("%s: %d writes were applied, %d asked for".formatted(name, last.version() - 1, asked));
    }
    Set<Long> permitted = new HashSet<>(unknown.get(name));
    for (Acknowledged write : acknowledged.get(name)) {
      permitted.add(write.value);
      Long seen = versions.get(write.value);
      if (seen == null) {
        fault("%s: acknowledged %d is lost".formatted(name, write.value));
      } else if (seen != write.version) {
        fault(
            "%s: %d was acknowledged as version %d, told as %d"
                .formatted(name, write.value, write.version, seen));
      }
    }
    versions.keySet().stream()
        .filter(value -> !permitted.contains(value))
        .forEach(value -> fault("%s: %d came from nowhere".formatted(name, value)));
  }

  String summary() {
    return "%d writes and %d reads acknowledged, %d refused, slowest call %d ms"
        .formatted(writes.get(), reads.get(), refused.get(), slowest.get() / 1_000_000);
  }
}
