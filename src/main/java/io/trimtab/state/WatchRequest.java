package io.trimtab.state;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a watcher wants to be told, and how.
 *
 * <p>Defaults: no initial values, from now on, no filter, no debouncing, no throttling, a queue of
 * 256 change sets, and the provider's own daemon threads.
 */
public final class WatchRequest {

  private static final int ORDINARY_CAPACITY = 256;

  private final @Nullable String glob;
  private final List<String> keys;
  private final boolean initial;
  private final @Nullable Long fromRevision;
  private final Predicate<Change> filter;
  private final Duration debounce;
  private final Duration throttle;
  private final int queueCapacity;
  private final @Nullable Executor executor;

  private WatchRequest(Builder builder) {
    this.glob = builder.glob;
    this.keys = builder.keys;
    this.initial = builder.initial;
    this.fromRevision = builder.fromRevision;
    this.filter = builder.filter;
    this.debounce = builder.debounce;
    this.throttle = builder.throttle;
    this.queueCapacity = builder.queueCapacity;
    this.executor = builder.executor;
  }

  /**
   * Watches variables that exist now, by name or id.
   *
   * @param keys names or ids, at least one
   * @return a builder; watching an unknown key is refused
   */
  public static Builder of(String... keys) {
    if (keys.length == 0) {
      throw new IllegalArgumentException("a watch needs at least one name or id, got none");
    }
    return new Builder(null, List.of(keys));
  }

  /**
   * Watches every variable whose name matches, including those registered later.
   *
   * @param glob see {@link Glob}; {@code *} for all
   * @return a builder
   */
  public static Builder matching(String glob) {
    Glob.of(glob); // rejects a malformed one here rather than when the watch starts
    return new Builder(glob, List.of());
  }

  /**
   * Returns the pattern of names.
   *
   * @return the glob, or null if single variables are watched
   */
  public @Nullable String glob() {
    return glob;
  }

  /**
   * Returns the single variables watched.
   *
   * @return names and ids, or empty if a glob is watched
   */
  public List<String> keys() {
    return keys;
  }

  /**
   * Tells whether current values are delivered first.
   *
   * @return whether the first delivery is {@link ChangeSet#isInitial()}
   */
  public boolean initial() {
    return initial;
  }

  /**
   * Returns the revision to resume from.
   *
   * @return changes above this revision are delivered, those already past included; null for from
   *     now on
   */
  public @Nullable Long fromRevision() {
    return fromRevision;
  }

  /**
   * Returns which changes are delivered.
   *
   * @return a predicate; one that throws lets the change through
   */
  public Predicate<Change> filter() {
    return filter;
  }

  /**
   * Returns how long the watched variables must be quiet before the latest values are delivered.
   *
   * @return zero for no debouncing
   */
  public Duration debounce() {
    return debounce;
  }

  /**
   * Returns the least time between two deliveries; what happens in between is delivered at its end.
   *
   * @return zero for no throttling
   */
  public Duration throttle() {
    return throttle;
  }

  /**
   * Returns how many change sets may wait before they are conflated.
   *
   * @return at least 1
   */
  public int queueCapacity() {
    return queueCapacity;
  }

  /**
   * Returns where the listener runs.
   *
   * @return an executor, or null for the provider's own daemon threads; deliveries to one listener
   *     never overlap
   */
  public @Nullable Executor executor() {
    return executor;
  }

  /**
   * Returns a request for the same variables without filter, pace and executor: every change, as it
   * comes, and no smaller a queue than this one or an ordinary one has.
   *
   * @return a request that a queue of another owner can be fed by
   */
  public WatchRequest withoutDelivery() {
    Builder builder = new Builder(glob, keys);
    builder.initial = initial;
    builder.fromRevision = fromRevision;
    builder.queueCapacity = Math.max(queueCapacity, ORDINARY_CAPACITY);
    return builder.build();
  }

  @Override
  public String toString() {
    return glob == null ? String.join(", ", keys) : glob;
  }

  /** Collects the options of a watch. Not safe for several threads. */
  public static final class Builder {

    private final @Nullable String glob;
    private final List<String> keys;
    private boolean initial;
    private @Nullable Long fromRevision;
    private Predicate<Change> filter = change -> true;
    private Duration debounce = Duration.ZERO;
    private Duration throttle = Duration.ZERO;
    private int queueCapacity = ORDINARY_CAPACITY;
    private @Nullable Executor executor;

    private Builder(@Nullable String glob, List<String> keys) {
      this.glob = glob;
      this.keys = keys;
    }

    /**
     * Asks for the current values first.
     *
     * @return this builder
     */
    public Builder withInitial() {
      this.initial = true;
      return this;
    }

    /**
     * Resumes after a revision.
     *
     * @param revision the last revision already seen, at least 0
     * @return this builder
     */
    public Builder after(long revision) {
      if (revision < 0) {
        throw new IllegalArgumentException("revision must be at least 0, got " + revision);
      }
      this.fromRevision = revision;
      return this;
    }

    /**
     * Delivers only some changes.
     *
     * @param filter which changes are wanted
     * @return this builder
     */
    public Builder filter(Predicate<Change> filter) {
      this.filter = filter;
      return this;
    }

    /**
     * Waits for quiet, then delivers the latest values.
     *
     * @param quiet how long nothing must change, positive
     * @return this builder
     */
    public Builder debounce(Duration quiet) {
      this.debounce = positive("debounce", quiet);
      return this;
    }

    /**
     * Keeps deliveries apart.
     *
     * @param interval the least time between two deliveries, positive
     * @return this builder
     */
    public Builder throttle(Duration interval) {
      this.throttle = positive("throttle", interval);
      return this;
    }

    /**
     * Bounds how far the listener may fall behind before changes are conflated.
     *
     * @param changeSets at least 1
     * @return this builder
     */
    public Builder queueCapacity(int changeSets) {
      if (changeSets < 1) {
        throw new IllegalArgumentException("queueCapacity must be at least 1, got " + changeSets);
      }
      this.queueCapacity = changeSets;
      return this;
    }

    /**
     * Runs the listener elsewhere than on the provider's own daemon threads.
     *
     * @param executor where the listener runs
     * @return this builder
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Returns the request.
     *
     * @return an immutable copy of what was collected
     * @throws IllegalArgumentException if it asks for initial values and to resume at once
     */
    public WatchRequest build() {
      if (initial && fromRevision != null) {
        throw new IllegalArgumentException(
            "a watch either begins with initial values or resumes after a revision, got both");
      }
      return new WatchRequest(this);
    }

    private static Duration positive(String name, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException(name + " must be positive, got " + duration);
      }
      return duration;
    }
  }
}
