package io.trimtab.study;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One run of a study: as many workers as trials may run at once, until a limit is met. */
final class StudyRun {

  private static final int MOST_PARALLEL = 1024;
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Study study;
  private final Objective objective;
  private final Budget budget;
  private final int parallelism;
  private final InstantSource clock;
  private final Instant startedAt;
  private final int firstNumber;
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicReference<@Nullable StopReason> stop = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> crash = new AtomicReference<>();

  StudyRun(Study study, Objective objective, Budget budget, int parallelism, InstantSource clock) {
    if (parallelism < 1 || parallelism > MOST_PARALLEL) {
      throw new IllegalArgumentException(
          "parallelism must be in [1, %d], got %d".formatted(MOST_PARALLEL, parallelism));
    }
    this.study = study;
    this.objective = objective;
    this.budget = budget;
    this.parallelism = parallelism;
    this.clock = clock;
    this.startedAt = clock.instant();
    this.firstNumber = study.trials().size();
  }

  StopReason run() {
    if (parallelism == 1) {
      work();
    } else {
      workInParallel();
    }
    rethrowCrash();
    StopReason reason = stop.get();
    if (reason == null) {
      throw new AssertionError("a worker only ends when there is a reason to stop");
    }
    return reason;
  }

  private void workInParallel() {
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < parallelism; i++) {
      Thread worker = new Thread(this::work, "trimtab-study-" + study.name() + "-" + i);
      worker.setDaemon(true);
      worker.start();
      workers.add(worker);
    }
    try {
      for (Thread worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      stop.set(StopReason.INTERRUPTED);
      workers.forEach(Thread::interrupt);
      awaitInterrupted(workers);
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Gives interrupted trials a moment to end, so that none is left running; one that ignores the
   * interrupt is given up.
   */
  private static void awaitInterrupted(List<Thread> workers) {
    try {
      for (Thread worker : workers) {
        worker.join(GRACE.toMillis());
      }
    } catch (InterruptedException again) {
      return; // a second interrupt asks not to wait at all; the caller restores the flag
    }
  }

  private void work() {
    try {
      while (mayBegin()) {
        attempt(study.ask());
      }
    } catch (RuntimeException | Error e) {
      crash.compareAndSet(
          null, e); // the sampler cannot propose any more: that ends the run, not just a trial
      stop.compareAndSet(null, StopReason.STOPPED);
    }
  }

  private void attempt(Trial trial) {
    Outcome outcome;
    try {
      outcome = objective.evaluate(trial);
    } catch (InterruptedException e) {
      stop.set(StopReason.INTERRUPTED);
      Thread.currentThread().interrupt();
      outcome = Outcome.failed("interrupted");
    } catch (Exception e) {
      outcome = Outcome.failed(e.toString());
    } catch (Error e) {
      study.tell(trial, Outcome.failed(e.toString()));
      throw e;
    }
    study.tell(trial, outcome);
  }

  private boolean mayBegin() {
    StopReason reason =
        Thread.currentThread().isInterrupted() ? StopReason.INTERRUPTED : limitMet();
    if (reason != null) {
      stop.compareAndSet(null, reason);
    }
    if (stop.get() != null) {
      return false;
    }
    if (begun.getAndIncrement() < budget.trials()) {
      return true;
    }
    stop.compareAndSet(null, StopReason.TRIALS);
    return false;
  }

  private @Nullable StopReason limitMet() {
    if (study.isStopRequested()) {
      return StopReason.STOPPED;
    }
    if (budget.time().isPresent()
        && !clock.instant().isBefore(startedAt.plus(budget.time().get()))) {
      return StopReason.TIME;
    }
    List<Trial> trials = study.trials();
    List<Trial> ours = trials.subList(firstNumber, trials.size());
    Cost cost = ours.stream().map(Trial::cost).reduce(Cost.NONE, Cost::plus);
    if (cost.tokens() >= budget.tokens()) {
      return StopReason.TOKENS;
    }
    if (cost.money() >= budget.money()) {
      return StopReason.MONEY;
    }
    if (ours.stream().filter(trial -> trial.state() == TrialState.FAILED).count()
        > budget.failures()) {
      return StopReason.FAILURES;
    }
    return study.findBest().map(best -> limitMet(best, ours)).orElse(null);
  }

  private @Nullable StopReason limitMet(Trial best, List<Trial> ours) {
    if (budget.target().isPresent()
        && !study.direction().isBetter(budget.target().getAsDouble(), best.score())) {
      return StopReason.TARGET;
    }
    long since =
        ours.stream()
            .filter(trial -> trial.state().isFinished() && trial.number() > best.number())
            .count();
    return since >= budget.patience() ? StopReason.PATIENCE : null;
  }

  private void rethrowCrash() {
    Throwable cause = crash.get();
    if (cause instanceof RuntimeException exception) {
      throw exception;
    }
    if (cause instanceof Error error) {
      throw error;
    }
  }
}
