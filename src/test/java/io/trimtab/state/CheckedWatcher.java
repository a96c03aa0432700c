package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A watcher of random habits that stops and resumes, keeping all it was told for {@link
 * WatchCheck}: it asks for initial values or begins around the newest revision, has a small queue
 * and is slow or has a large one, and may fail at every tenth delivery.
 */
public final class CheckedWatcher {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int AROUND = 100;

  private final StateProvider state;
  private final String glob;
  private final boolean initial;
  private final boolean fails;
  private final int capacity;
  private final int slowness;
  private final long after;
  private final List<ChangeSet> before = new ArrayList<>();
  private List<ChangeSet> told = Collections.synchronizedList(new ArrayList<>());
  private Watch watch;

  /**
   * Begins to watch.
   *
   * @param state whose variables are called even_ and odd_ and a number
   * @param random where its habits come from
   * @param oldest the revision before which it must not begin
   */
  public CheckedWatcher(StateProvider state, SplittableRandom random, long oldest) {
    this.state = state;
    this.glob = List.of("*", "even_*", "odd_1", "nothing*").get(random.nextInt(4));
    this.initial = random.nextBoolean();
    this.fails = random.nextInt(4) == 0;
    boolean conflating = random.nextInt(3) == 0;
    this.capacity = conflating ? 1 + random.nextInt(4) : 1_000_000;
    this.slowness = conflating ? 20_000 : 0;
    if (initial) {
      watch = start(request().withInitial(), told);
      after = told.isEmpty() ? -1 : told.get(0).revision();
    } else {
      after = Math.max(oldest, state.revision() - random.nextInt(AROUND));
      watch = start(request().after(after), told);
    }
  }

  private WatchRequest.Builder request() {
    return WatchRequest.matching(glob).queueCapacity(capacity);
  }

  private Watch start(WatchRequest.Builder request, List<ChangeSet> record) {
    return state.watch(
        request.build(),
        set -> {
          record.add(set);
          for (int i = 0; i < slowness; i++) {
            Thread.onSpinWait();
          }
          if (fails && record.size() % 10 == 0) {
            throw new IllegalStateException("a listener that fails now and then");
          }
        });
  }

  /** Ends the watch wherever it is and begins another one after the last set told. */
  public void stopAndResume() {
    watch.close(); // a delivery may still be running; what it adds later is not part of the record
    List<ChangeSet> frozen;
    synchronized (told) {
      frozen = List.copyOf(told);
    }
    before.addAll(frozen);
    told = Collections.synchronizedList(new ArrayList<>());
    if (!before.isEmpty()) {
      watch = start(request().after(before.get(before.size() - 1).revision()), told);
    } else {
      watch = initial ? start(request().withInitial(), told) : start(request().after(after), told);
    }
  }

  /**
   * Waits until everything was told, and ends.
   *
   * @return what was told, for {@link WatchCheck#violations}
   * @throws InterruptedException if interrupted
   */
  public WatchCheck.Record finish() throws InterruptedException {
    long newest = state.revision();
    assertThat(watch.await(newest, SOON)).as("%s was told of revision %d", this, newest).isTrue();
    watch.close();
    List<ChangeSet> all = new ArrayList<>(before);
    all.addAll(told);
    // the first set of a watch with initial values tells at which revision it began
    boolean began = initial && !all.isEmpty() && all.get(0).isInitial();
    long start = began ? all.get(0).revision() : after;
    return new WatchCheck.Record(
        Glob.of(glob)::matches,
        capacity < 1_000_000,
        began,
        start < 0 ? newest : start,
        newest,
        all);
  }

  @Override
  public String toString() {
    return "watcher of %s, initial %s, capacity %d, fails %s"
        .formatted(glob, initial, capacity, fails);
  }
}
