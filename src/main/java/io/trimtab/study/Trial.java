package io.trimtab.study;

import io.trimtab.space.Configuration;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One configuration and what came of trying it, as of one moment.
 *
 * @param number 0 for the first trial of the study, then +1
 * @param configuration what is tried
 * @param state how far the trial is
 * @param score how good it was, finite, if {@link TrialState#COMPLETE}; otherwise NaN
 * @param startedAt when it was asked for
 * @param finishedAt when it was told, or null while it is running
 * @param cost what its evaluation used up
 * @param failure why it failed, or null
 * @param attributes what else was noted about it, sorted by key
 */
public record Trial(
    int number,
    Configuration configuration,
    TrialState state,
    double score,
    Instant startedAt,
    @Nullable Instant finishedAt,
    Cost cost,
    @Nullable String failure,
    Map<String, String> attributes) {

  /** Copies the attributes. */
  public Trial {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  static Trial asked(
      int number, Configuration configuration, Instant at, Map<String, String> attributes) {
    return new Trial(
        number,
        configuration,
        TrialState.RUNNING,
        Double.NaN,
        at,
        null,
        Cost.NONE,
        null,
        attributes);
  }

  Trial told(Outcome outcome, Instant at) {
    Map<String, String> merged = new TreeMap<>(attributes);
    merged.putAll(outcome.attributes());
    boolean scored = Double.isFinite(outcome.score()) && outcome.failure() == null;
    String failure =
        scored || outcome.failure() != null
            ? outcome.failure()
            : "expected a finite score, got " + outcome.score();
    return new Trial(
        number,
        configuration,
        scored ? TrialState.COMPLETE : TrialState.FAILED,
        scored ? outcome.score() : Double.NaN,
        startedAt,
        at,
        outcome.cost(),
        failure,
        merged);
  }

  /**
   * Returns how long the trial took.
   *
   * @return the time between ask and tell, or empty while it is running
   */
  public Optional<Duration> duration() {
    return finishedAt == null
        ? Optional.empty()
        : Optional.of(Duration.between(startedAt, finishedAt));
  }
}
