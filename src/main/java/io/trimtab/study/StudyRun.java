package io.trimtab.study;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One run of a study: as many workers as trials may run at once, until a limit is met. */
final class StudyRun {

  private final Study study;
  private final Objective objective;
  private final Budget budget;
  private final Parallelism parallelism;
  private final Instant startedAt;
  private final int firstNumber;
  private final AtomicInteger begun = new AtomicInteger();
  private final Tally tally;
  private final Pulse pulse;
  private final AtomicReference<@Nullable StopReason> stop = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> crash = new AtomicReference<>();

  StudyRun(Study study, Objective objective, Budget budget, Parallelism parallelism) {
    this.study = study;
    this.objective = objective;
    this.budget = budget;
    this.parallelism = parallelism;
    this.startedAt = study.clock().instant();
    this.firstNumber = study.trials().size();
    this.tally = new Tally(study);
    this.pulse = new Pulse(study);
  }

  StopReason run() {
    pulse.start();
    try {
      if (parallelism.trials() == 1) {
        work();
      } else {
        workInParallel();
      }
    } finally {
      pulse.stop();
    }
    rethrowCrash();
    StopReason reason = stop.get();
    if (reason == null) {
      throw new AssertionError("a worker only ends when there is a reason to stop");
    }
    return reason;
  }

  private void workInParallel() {
    Workers workers = new Workers(parallelism.trials());
    try {
      workers.start(parallelism.threads(study.name()), this::work);
      workers.await();
    } catch (InterruptedException e) {
      stop.set(StopReason.INTERRUPTED);
      workers.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try {
      while (mayBegin()) {
        attempt(ask());
      }
    } catch (InterruptedException e) {
      stop.set(StopReason.INTERRUPTED);
      Thread.currentThread().interrupt();
    } catch (SpaceExhaustedException e) {
      stop.compareAndSet(null, StopReason.EXHAUSTED);
    } catch (RuntimeException | Error e) {
      // the sampler cannot propose or the storage cannot write any more: that ends the run, not
      // just
      // a trial
      crash.compareAndSet(null, e);
      stop.compareAndSet(null, StopReason.STOPPED);
    }
  }

  private Trial ask() throws InterruptedException {
    return parallelism.isReproducible()
        ? study.askInOrder(parallelism.trials(), firstNumber)
        : study.ask();
  }

  private void attempt(Trial trial) {
    Outcome known = study.knownOutcome(trial);
    pulse.begun(trial);
    Outcome outcome;
    try {
      outcome = known == null ? objective.evaluate(trial) : known;
    } catch (TrialPrunedException e) {
      outcome = Outcome.pruned();
    } catch (InterruptedException e) {
      stop.set(StopReason.INTERRUPTED);
      Thread.currentThread().interrupt();
      outcome = Outcome.failed("interrupted");
    } catch (Exception e) {
      outcome = Outcome.failed(e.toString());
    } catch (Error e) {
      study.tell(trial, Outcome.failed(e.toString()));
      throw e;
    } finally {
      pulse.ended(trial);
    }
    tell(trial, outcome);
  }

  /** Tells a trial, unless the objective or somebody else has done so. */
  private void tell(Trial trial, Outcome outcome) {
    try {
      tally.add(study.tell(trial, outcome));
    } catch (TrialNotRunningException e) {
      tally.add(study.trial(trial.number()));
    }
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
        && !study.clock().instant().isBefore(startedAt.plus(budget.time().get()))) {
      return StopReason.TIME;
    }
    return tally.limitMet(budget);
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
