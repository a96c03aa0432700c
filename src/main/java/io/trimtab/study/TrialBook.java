package io.trimtab.study;

import io.trimtab.sampler.Observation;
import io.trimtab.space.Configuration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All trials of a study, and what follows from them: what its events add up to. Not safe for
 * several threads; the study guards it.
 */
final class TrialBook {
  /*
   * Every question asked per trial is answered from running totals in constant time; the lists are persistent, so that a
   * snapshot for a sampler, a listener or a report costs nothing.
   */

  private final Study study;
  private final List<Goal> goals;
  private final boolean remembersConfigurations;

  private PersistentList<Trial> trials = PersistentList.empty(); // index = number
  private PersistentList<Observation> observations = PersistentList.empty(); // index = number
  private final Queue<Integer> waiting = new ArrayDeque<>();
  private final Map<Integer, Instant> running = new TreeMap<>(); // number -> last sign of life
  private final Map<Configuration, Integer> tried = new HashMap<>();
  private final Map<Configuration, Integer> completed = new HashMap<>();
  private Map<String, String> attributes = Map.of();
  private List<Trial> front = List.of();
  private @Nullable Trial best;
  private long improvements;
  private Cost cost = Cost.NONE;
  private final Map<TrialState, Integer> counts = new EnumMap<>(TrialState.class);
  private String lastFailure = "";

  TrialBook(Study study, List<Goal> goals, boolean remembersConfigurations) {
    this.study = study;
    this.goals = goals;
    this.remembersConfigurations = remembersConfigurations;
  }

  /** Why an event cannot have happened next, or null; for events that come from outside. */
  @Nullable String fault(StudyEvent event) {
    if (event instanceof StudyEvent.Begun begun) {
      return nextNumber(begun.number());
    } else if (event instanceof StudyEvent.Enqueued enqueued) {
      boolean backwards = enqueued.retryOf() < enqueued.number();
      return backwards ? nextNumber(enqueued.number()) : "a trial repeats one before it";
    } else if (event instanceof StudyEvent.Resumed resumed) {
      Trial waiting = nextWaiting();
      return waiting != null && waiting.number() == resumed.number()
          ? null
          : "trial " + resumed.number() + " is not the one that has waited longest";
    } else if (event instanceof StudyEvent.Ended ended) {
      boolean scored = ended.end().state() == TrialState.COMPLETE;
      int scores = ended.end().scores().size();
      return scored != (scores == goals.size()) || !ended.end().state().isFinished()
          ? "expected %d scores of a complete trial, got %d".formatted(goals.size(), scores)
          : known(ended.number());
    } else if (event instanceof StudyEvent.Reported reported) {
      return known(reported.number());
    } else if (event instanceof StudyEvent.TrialNoted noted) {
      return known(noted.number());
    }
    return null;
  }

  private @Nullable String nextNumber(int number) {
    return number == trials.size()
        ? null
        : "expected trial %d, got %d".formatted(trials.size(), number);
  }

  private @Nullable String known(int number) {
    return number >= 0 && number < trials.size()
        ? null
        : "expected one of %d trials, got trial %d".formatted(trials.size(), number);
  }

  /** Takes note of an event; {@code now} is when this study heard of it. */
  void apply(StudyEvent event, Instant now) {
    if (event instanceof StudyEvent.Begun begun) {
      add(
          Trial.begun(
              study, begun.number(), begun.configuration(), -1, begun.start(), begun.attributes()));
      running.put(begun.number(), now);
    } else if (event instanceof StudyEvent.Ended ended) {
      end(ended);
    } else if (event instanceof StudyEvent.Enqueued enqueued) {
      add(
          Trial.begun(
              study,
              enqueued.number(),
              enqueued.configuration(),
              enqueued.retryOf(),
              enqueued.start(),
              enqueued.attributes()));
      waiting.add(enqueued.number());
    } else if (event instanceof StudyEvent.Resumed resumed) {
      waiting.remove(resumed.number());
      replace(trials.get(resumed.number()).startedBy(resumed.start()));
      running.put(resumed.number(), now);
    } else if (event instanceof StudyEvent.Reported reported) {
      replace(trials.get(reported.number()).reported(reported.value()));
      running.replace(reported.number(), now);
    } else if (event instanceof StudyEvent.TrialNoted noted) {
      replace(trials.get(noted.number()).noted(Map.of(noted.key(), noted.value())));
    } else if (event instanceof StudyEvent.StudyNoted noted) {
      Map<String, String> merged = new TreeMap<>(attributes);
      merged.put(noted.key(), noted.value());
      attributes = Collections.unmodifiableMap(merged);
    } else if (event instanceof StudyEvent.Beat beat) {
      beat.numbers().forEach(number -> running.replace(number, now));
    }
  }

  private void add(Trial trial) {
    trials = trials.plus(trial);
    observations = observations.plus(observation(trial));
    counts.merge(trial.state(), 1, Integer::sum);
    remember(trial);
  }

  private void remember(Trial trial) {
    if (remembersConfigurations) {
      tried.put(trial.configuration(), trial.number());
    }
  }

  private void replace(Trial trial) {
    counts.merge(trials.get(trial.number()).state(), -1, Integer::sum);
    counts.merge(trial.state(), 1, Integer::sum);
    trials = trials.with(trial.number(), trial);
  }

  private void end(StudyEvent.Ended ended) {
    Trial trial = trials.get(ended.number()).ended(ended.end(), ended.attributes());
    replace(trial);
    observations = observations.with(trial.number(), observation(trial));
    running.remove(trial.number());
    cost = cost.plus(trial.cost());
    lastFailure = trial.failure() == null ? lastFailure : trial.failure();
    switch (trial.state()) {
      case COMPLETE -> {
        remember(trial);
        improve(trial);
        if (remembersConfigurations) {
          completed.putIfAbsent(trial.configuration(), trial.number());
        }
      }
      case FAILED, STALE -> tried.remove(trial.configuration(), trial.number());
      case PRUNED -> {}
      case WAITING, RUNNING -> throw new AssertionError("no trial ends by being under way");
    }
  }

  private void improve(Trial trial) {
    if (goals.size() == 1) {
      Direction direction = goals.get(0).direction();
      if (best == null || direction.isBetter(trial.score(), best.score())) {
        best = trial;
        improvements++;
      }
      return;
    }
    List<Trial> next = ParetoFront.with(goals, front, trial);
    improvements += next == front ? 0 : 1;
    front = next;
  }

  private Observation observation(Trial trial) {
    return switch (trial.state()) {
      case COMPLETE -> Observation.complete(trial.configuration(), losses(trial.scores()));
      case WAITING, RUNNING -> Observation.running(trial.configuration());
      case PRUNED -> Observation.pruned(trial.configuration(), reported(trial));
      case FAILED, STALE -> Observation.failed(trial.configuration());
    };
  }

  private double[] losses(List<Double> scores) {
    double[] losses = new double[scores.size()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = goals.get(i).direction().loss(scores.get(i));
    }
    return losses;
  }

  private SortedMap<Integer, Double> reported(Trial trial) {
    SortedMap<Integer, Double> losses = new TreeMap<>();
    for (IntermediateValue report : trial.intermediateValues()) {
      losses.put(report.step(), goals.get(0).direction().loss(report.value()));
    }
    return losses;
  }

  PersistentList<Trial> trials() {
    return trials;
  }

  PersistentList<Observation> observations() {
    return observations;
  }

  int size() {
    return trials.size();
  }

  Trial trial(int number) {
    return trials.get(number);
  }

  /** The next trial of the queue, or null if none is waiting. */
  @Nullable Trial nextWaiting() {
    Integer number = waiting.peek();
    return number == null ? null : trials.get(number);
  }

  /**
   * A trial of an equal configuration that has not failed, or null; a look-up if the book was asked
   * to remember configurations, otherwise a search.
   */
  @Nullable Trial tried(Configuration configuration) {
    if (remembersConfigurations) {
      Integer number = tried.get(configuration);
      return number == null ? null : trials.get(number);
    }
    return trials.stream()
        .filter(trial -> trial.state() != TrialState.FAILED && trial.state() != TrialState.STALE)
        .filter(trial -> trial.configuration().equals(configuration))
        .findFirst()
        .orElse(null);
  }

  /** The first complete trial of an equal configuration, or null. */
  @Nullable Trial completed(Configuration configuration) {
    Integer number = completed.get(configuration);
    return number == null ? null : trials.get(number);
  }

  /** The running trials without a sign of life since an instant, in order of number. */
  List<Trial> silentSince(Instant instant) {
    List<Trial> silent = new ArrayList<>();
    running.forEach(
        (number, seen) -> {
          if (!seen.isAfter(instant)) {
            silent.add(trials.get(number));
          }
        });
    return silent;
  }

  Map<String, String> attributes() {
    return attributes;
  }

  List<Trial> front() {
    return goals.size() == 1 ? tiesOfBest() : front;
  }

  private List<Trial> tiesOfBest() {
    Trial leader = best;
    return leader == null
        ? List.of()
        : trials.stream()
            .filter(trial -> trial.state() == TrialState.COMPLETE)
            .filter(trial -> trial.score() == leader.score())
            .toList();
  }

  @Nullable Trial best() {
    return best;
  }

  /** How often the best trial or the front has changed for the better. */
  long improvements() {
    return improvements;
  }

  Cost cost() {
    return cost;
  }

  int count(TrialState state) {
    return counts.getOrDefault(state, 0);
  }

  String lastFailure() {
    return lastFailure;
  }
}
