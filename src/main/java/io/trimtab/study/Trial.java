package io.trimtab.study;

import io.trimtab.space.Configuration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One configuration and what came of trying it, as of one moment; while it runs, also the way to
 * tell how it is going.
 *
 * <pre>{@code
 * study.run(trial -> {
 *   for (int step = 0; step < 10; step++) {
 *     trial.reportOrStop(step, accuracyAfter(step, trial.configuration()));
 *   }
 *   return Outcome.of(accuracy(trial.configuration()));
 * }, Budget.trials(40));
 * }</pre>
 *
 * <p>What the accessors say never changes; {@link Study#trial} gives the trial as it is now.
 * Immutable; safe for all threads.
 */
public final class Trial {

  /** When a trial was enqueued or asked for, and by which study object; null while it waits. */
  record Start(Instant at, @Nullable String owner) {}

  /** How a trial ended; {@code late} if it had been given up as stale before. */
  record End(
      TrialState state,
      List<Double> scores,
      Instant at,
      Cost cost,
      @Nullable String failure,
      boolean late) {

    static End of(List<Goal> goals, Outcome outcome, Instant at, boolean late) {
      String failure = outcome.failure() == null ? fault(goals, outcome) : outcome.failure();
      boolean pruned = failure == null && outcome.scores().isEmpty();
      TrialState state =
          failure != null ? TrialState.FAILED : pruned ? TrialState.PRUNED : TrialState.COMPLETE;
      List<Double> scores = failure == null ? outcome.scores() : List.of();
      return new End(state, scores, at, outcome.cost(), storable(failure), late);
    }

    static End stale(Instant at, String reason) {
      return new End(TrialState.STALE, List.of(), at, Cost.NONE, reason, /* late= */ false);
    }

    private static @Nullable String fault(List<Goal> goals, Outcome outcome) {
      List<Double> scores = outcome.scores();
      if (!scores.isEmpty() && scores.size() != goals.size()) {
        return "expected %d scores %s, got %s".formatted(goals.size(), goals, scores);
      }
      for (int i = 0; i < scores.size(); i++) {
        if (!Double.isFinite(scores.get(i))) {
          return "expected a finite %s, got %s".formatted(goals.get(i).name(), scores.get(i));
        }
      }
      return null;
    }

    /** An exception's message can hold anything; half a surrogate pair has no form in UTF-8. */
    private static @Nullable String storable(@Nullable String text) {
      return text == null
          ? null
          : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
  }

  /** The attribute that says what proposed a configuration. */
  static final String PROPOSED_BY = "proposed_by";

  private final Study study;
  private final int number;
  private final Configuration configuration;
  private final int retryOf; // -1 if it is none
  private final Start start;
  private final @Nullable End end;
  private final PersistentList<IntermediateValue> reports;
  private final Map<String, String> attributes;

  private Trial(
      Study study,
      int number,
      Configuration configuration,
      int retryOf,
      Start start,
      @Nullable End end,
      PersistentList<IntermediateValue> reports,
      Map<String, String> attributes) {
    this.study = study;
    this.number = number;
    this.configuration = configuration;
    this.retryOf = retryOf;
    this.start = start;
    this.end = end;
    this.reports = reports;
    this.attributes = attributes;
  }

  static Trial begun(
      Study study,
      int number,
      Configuration configuration,
      int retryOf,
      Start start,
      Map<String, String> attributes) {
    return new Trial(
        study,
        number,
        configuration,
        retryOf,
        start,
        null,
        PersistentList.empty(),
        sorted(attributes));
  }

  private static Map<String, String> sorted(Map<String, String> attributes) {
    return attributes.size() < 2
        ? Map.copyOf(attributes)
        : Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  Trial startedBy(Start start) {
    return new Trial(study, number, configuration, retryOf, start, end, reports, attributes);
  }

  Trial reported(IntermediateValue value) {
    return new Trial(
        study, number, configuration, retryOf, start, end, reports.plus(value), attributes);
  }

  Trial ended(End end, Map<String, String> noted) {
    return new Trial(study, number, configuration, retryOf, start, end, reports, merged(noted));
  }

  Trial noted(Map<String, String> noted) {
    return new Trial(study, number, configuration, retryOf, start, end, reports, merged(noted));
  }

  private Map<String, String> merged(Map<String, String> noted) {
    if (noted.isEmpty()) {
      return attributes;
    }
    Map<String, String> merged = new TreeMap<>(attributes);
    merged.putAll(noted);
    return sorted(merged);
  }

  Study study() {
    return study;
  }

  @Nullable String owner() {
    return start.owner();
  }

  /**
   * Returns which trial this is.
   *
   * @return 0 for the first trial of the study, then +1
   */
  public int number() {
    return number;
  }

  /**
   * Returns what is tried.
   *
   * @return the configuration
   */
  public Configuration configuration() {
    return configuration;
  }

  /**
   * Returns how far the trial is.
   *
   * @return the state
   */
  public TrialState state() {
    if (end != null) {
      return end.state();
    }
    return start.owner() == null ? TrialState.WAITING : TrialState.RUNNING;
  }

  /**
   * Returns how good it was for the study's first goal.
   *
   * @return a finite score if it is {@link TrialState#COMPLETE}, otherwise NaN
   */
  public double score() {
    return end == null || end.scores().isEmpty() ? Double.NaN : end.scores().get(0);
  }

  /**
   * Returns how good it was.
   *
   * @return one finite score per goal if it is {@link TrialState#COMPLETE}, otherwise empty
   */
  public List<Double> scores() {
    return end == null ? List.of() : end.scores();
  }

  /**
   * Returns when it was asked for; for a waiting trial, when it was enqueued.
   *
   * @return the time by the study's clock
   */
  public Instant startedAt() {
    return start.at();
  }

  /**
   * Returns when it was told.
   *
   * @return the time by the study's clock, or null while it has not ended
   */
  public @Nullable Instant finishedAt() {
    return end == null ? null : end.at();
  }

  /**
   * Returns how long the trial took.
   *
   * @return the time between ask and tell, or empty while it has not ended
   */
  public Optional<Duration> duration() {
    return end == null ? Optional.empty() : Optional.of(Duration.between(start.at(), end.at()));
  }

  /**
   * Returns what its evaluation used up.
   *
   * @return the cost told
   */
  public Cost cost() {
    return end == null ? Cost.NONE : end.cost();
  }

  /**
   * Returns why it failed or was given up.
   *
   * @return the reason, or null
   */
  public @Nullable String failure() {
    return end == null ? null : end.failure();
  }

  /**
   * Tells whether the trial had been given up as stale when it was told after all.
   *
   * @return whether it was told late
   */
  public boolean late() {
    return end != null && end.late();
  }

  /**
   * Returns what else was noted about it.
   *
   * @return an unmodifiable map, sorted by key
   */
  public Map<String, String> attributes() {
    return attributes;
  }

  /**
   * Returns which failed or stale trial this one repeats.
   *
   * @return the number of the trial before it in the chain of attempts, or empty for a first
   *     attempt
   */
  public OptionalInt retryOf() {
    return retryOf < 0 ? OptionalInt.empty() : OptionalInt.of(retryOf);
  }

  /**
   * Returns what was reported on the way.
   *
   * @return an unmodifiable list in increasing order of steps
   */
  public List<IntermediateValue> intermediateValues() {
    return reports;
  }

  /**
   * Returns what was reported last.
   *
   * @return the value of the greatest step, or empty if nothing was reported
   */
  public Optional<IntermediateValue> lastReport() {
    return reports.isEmpty() ? Optional.empty() : Optional.of(reports.get(reports.size() - 1));
  }

  /**
   * Returns what was reported at a step.
   *
   * @param step the step
   * @return its value, or empty if nothing was reported then
   */
  public OptionalDouble valueAt(int step) {
    int low = 0;
    int high = reports.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      IntermediateValue report = reports.get(middle);
      if (report.step() == step) {
        return OptionalDouble.of(report.value());
      }
      low = report.step() < step ? middle + 1 : low;
      high = report.step() < step ? high : middle - 1;
    }
    return OptionalDouble.empty();
  }

  /**
   * Reports how good the trial is at a step on its way, and shows that it is alive.
   *
   * @param step at least 0 and greater than the step reported before
   * @param value how good it is now, in the direction of the study's goal; NaN counts as hopeless
   * @throws IllegalArgumentException if the step does not come after the one before
   * @throws TrialNotRunningException if the trial has ended
   */
  public void report(int step, double value) {
    study.report(this, new IntermediateValue(step, value));
  }

  /**
   * Asks the study's pruner whether the trial is hopeless, after what it has reported so far.
   *
   * @return whether it should be given up, by returning {@link Outcome#pruned()}
   */
  public boolean shouldPrune() {
    return study.shouldPrune(this);
  }

  /**
   * Reports how good the trial is at a step, and gives it up if the study's pruner finds it
   * hopeless.
   *
   * @param step at least 0 and greater than the step reported before
   * @param value how good it is now
   * @throws TrialPrunedException if it should be given up; a run tells the trial as pruned then
   */
  public void reportOrStop(int step, double value) {
    report(step, value);
    if (shouldPrune()) {
      throw new TrialPrunedException(study.name(), number, step);
    }
  }

  /**
   * Notes something about the trial, while it runs or later.
   *
   * @param key what it is about
   * @param value what to note; replaces what was noted under the key
   */
  public void note(String key, String value) {
    study.note(this, key, value);
  }

  /**
   * Shows that the trial is alive, so that it is not given up as stale; a run does so by itself.
   *
   * @throws TrialNotRunningException if the trial has ended
   */
  public void beat() {
    study.beat(List.of(this));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Trial that
        && number == that.number
        && retryOf == that.retryOf
        && configuration.equals(that.configuration)
        && start.equals(that.start)
        && Objects.equals(end, that.end)
        && reports.equals(that.reports)
        && attributes.equals(that.attributes);
  }

  @Override
  public int hashCode() {
    return 31 * number + configuration.hashCode();
  }

  @Override
  public String toString() {
    return "trial %d %s%s with %s"
        .formatted(number, state(), scores().isEmpty() ? "" : " " + scores(), configuration);
  }
}
