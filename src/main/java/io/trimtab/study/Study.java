package io.trimtab.study;

import io.trimtab.sampler.Observation;
import io.trimtab.sampler.Sampler;
import io.trimtab.sampler.TpeSampler;
import io.trimtab.session.ConfigurationVersion;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.WriteContext;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A search for the best configuration of a space, trial by trial.
 *
 * <p>Either the study drives an objective, or its user asks for configurations and tells what came
 * of them:
 *
 * <pre>{@code
 * Study study = Study.of("triage", space).maximize().seed(7).build();
 * study.run(Objective.scored(trial -> accuracy(program, trial.configuration())), Budget.trials(40));
 * study.applyBest(session.configuration("triage"));
 *
 * Trial trial = study.ask();                       // or by hand
 * study.tell(trial, Outcome.of(0.83));
 * }</pre>
 *
 * <p><b>Reproducible.</b> Trial {@code n} is proposed from the seed, {@code n} and the trials
 * before it. With the same seed and the same outcomes told in the same order, a study asks for the
 * same configurations; trials in parallel finish in any order, so only a study with a parallelism
 * of 1 is reproducible as a whole.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once.
 */
public final class Study {

  private static final Logger LOG = LoggerFactory.getLogger(Study.class);

  private final String name;
  private final ConfigurationSpace space;
  private final Direction direction;
  private final Sampler sampler;
  private final long seed;
  private final InstantSource clock;
  private final List<StudyListener> listeners;

  private final Object lock = new Object();
  private final List<Trial> trials = new ArrayList<>(); // guarded by lock; index = number
  private final List<Observation> observations =
      new ArrayList<>(); // guarded by lock; index = number
  private final Queue<Configuration> enqueued = new ArrayDeque<>(); // guarded by lock
  private @Nullable Trial best; // guarded by lock

  private volatile boolean stopRequested;

  private Study(Builder builder) {
    this.name = builder.name;
    this.space = builder.space;
    this.direction = builder.direction;
    this.sampler = builder.sampler;
    this.seed = builder.seed;
    this.clock = builder.clock;
    this.listeners = new CopyOnWriteArrayList<>(builder.listeners);
  }

  /**
   * Starts the definition of a study.
   *
   * @param name what to call it in reports
   * @param space what may vary and under which rules
   * @return a builder for use by one thread
   */
  public static Builder of(String name, ConfigurationSpace space) {
    return new Builder(name, space);
  }

  /**
   * Returns the study's name.
   *
   * @return what it is called in reports
   */
  public String name() {
    return name;
  }

  /**
   * Returns what may vary and under which rules.
   *
   * @return the space
   */
  public ConfigurationSpace space() {
    return space;
  }

  /**
   * Returns which scores are better.
   *
   * @return the direction
   */
  public Direction direction() {
    return direction;
  }

  /**
   * Returns what proposes configurations.
   *
   * @return the sampler
   */
  public Sampler sampler() {
    return sampler;
  }

  /**
   * Returns the seed of all chance in the study.
   *
   * @return the seed
   */
  public long seed() {
    return seed;
  }

  /**
   * Lets a configuration be tried next, before the sampler is asked again; several are tried in the
   * order they were enqueued.
   *
   * @param values values by name; what is left out takes its default
   * @return the configuration that will be tried
   * @throws InvalidConfigurationException if the space forbids it, with every violation
   */
  public Configuration enqueue(Map<String, ?> values) {
    Configuration configuration = space.merge(space.defaults(), values);
    synchronized (lock) {
      enqueued.add(configuration);
    }
    return configuration;
  }

  /**
   * Begins a trial.
   *
   * @return the running trial with the configuration to try
   */
  public Trial ask() {
    Trial trial;
    synchronized (lock) {
      int number = trials.size();
      Configuration waiting = enqueued.poll();
      Configuration configuration =
          waiting == null
              ? sampler.propose(space, List.copyOf(observations), random(number))
              : waiting;
      trial = Trial.asked(number, configuration, clock.instant(), origin(waiting));
      trials.add(trial);
      observations.add(Observation.running(configuration));
    }
    listeners.forEach(listener -> quietly(() -> listener.onAsked(this, trial)));
    return trial;
  }

  private Map<String, String> origin(@Nullable Configuration waiting) {
    return Map.of("proposed_by", waiting == null ? sampler.name() : "enqueued");
  }

  /**
   * Each trial has its own stream of chance, so that what one trial draws does not shift the next.
   */
  private SplittableRandom random(int number) {
    return new SplittableRandom(
        new SplittableRandom(seed + 0x9E3779B97F4A7C15L * (number + 1L)).nextLong());
  }

  /**
   * Ends a trial.
   *
   * @param trial a trial this study was asked for
   * @param outcome what came of it; without a finite score the trial fails
   * @return the finished trial
   * @throws TrialNotRunningException if it has been told already or is not of this study
   */
  public Trial tell(Trial trial, Outcome outcome) {
    Trial told;
    synchronized (lock) {
      requireRunning(trial);
      told = trials.get(trial.number()).told(outcome, clock.instant());
      trials.set(told.number(), told);
      observations.set(told.number(), observation(told));
      boolean complete = told.state() == TrialState.COMPLETE;
      if (complete && (best == null || direction.isBetter(told.score(), best.score()))) {
        best = told;
      }
    }
    listeners.forEach(listener -> quietly(() -> listener.onTold(this, told)));
    return told;
  }

  private void requireRunning(Trial trial) {
    int number = trial.number();
    boolean ours =
        number < trials.size() && trials.get(number).configuration().equals(trial.configuration());
    if (!ours || trials.get(number).state() != TrialState.RUNNING) {
      throw new TrialNotRunningException(
          name, number, ours ? trials.get(number).state().toString() : "a foreign one");
    }
  }

  private Observation observation(Trial trial) {
    return trial.state() == TrialState.COMPLETE
        ? Observation.complete(trial.configuration(), direction.loss(trial.score()))
        : Observation.failed(trial.configuration());
  }

  /**
   * Ends a trial with a score.
   *
   * @param trial a trial this study was asked for
   * @param score how good it was; NaN and infinities make it fail
   * @return the finished trial
   */
  public Trial tell(Trial trial, double score) {
    return tell(trial, Outcome.of(score));
  }

  /**
   * Returns all trials so far.
   *
   * @return an unmodifiable copy in the order they were asked for
   */
  public List<Trial> trials() {
    synchronized (lock) {
      return List.copyOf(trials);
    }
  }

  /**
   * Returns the best trial so far.
   *
   * @return the complete trial with the best score, the earliest of equals
   * @throws NoCompleteTrialException if none has ended with a score
   */
  public Trial best() {
    synchronized (lock) {
      if (best == null) {
        throw new NoCompleteTrialException(name, trials.size(), lastFailure());
      }
      return best;
    }
  }

  /**
   * Returns the best trial so far, if there is one.
   *
   * @return the complete trial with the best score, the earliest of equals
   */
  public Optional<Trial> findBest() {
    synchronized (lock) {
      return Optional.ofNullable(best);
    }
  }

  private String lastFailure() {
    String last = "";
    for (Trial trial : trials) {
      last = trial.failure() == null ? last : trial.failure();
    }
    return last;
  }

  /**
   * Returns the best complete trials.
   *
   * @param count how many at most
   * @return the trials, best first, earlier ones first among equals
   */
  public List<Trial> best(int count) {
    List<Trial> complete = new ArrayList<>(trials());
    complete.removeIf(trial -> trial.state() != TrialState.COMPLETE);
    complete.sort((a, b) -> Double.compare(direction.loss(a.score()), direction.loss(b.score())));
    return Collections.unmodifiableList(complete.subList(0, Math.min(count, complete.size())));
  }

  /**
   * Returns what all finished trials used up.
   *
   * @return the sum of their costs
   */
  public Cost cost() {
    Cost total = Cost.NONE;
    for (Trial trial : trials()) {
      total = total.plus(trial.cost());
    }
    return total;
  }

  /**
   * Runs trials one after the other until a limit is met.
   *
   * @param objective finds out how good a configuration is
   * @param budget when to end
   * @return why the run ended
   */
  public StopReason run(Objective objective, Budget budget) {
    return run(objective, budget, /* parallelism= */ 1);
  }

  /**
   * Runs trials, several at once, until a limit is met. Trials under way are finished first, except
   * when the calling thread is interrupted: then they are interrupted and told as failed.
   *
   * @param objective finds out how good a configuration is; called by as many threads at once
   * @param budget when to end
   * @param parallelism most trials at the same time, in {@code [1, 1024]}
   * @return why the run ended
   */
  public StopReason run(Objective objective, Budget budget, int parallelism) {
    stopRequested = false;
    StopReason reason = new StudyRun(this, objective, budget, parallelism, clock).run();
    listeners.forEach(listener -> quietly(() -> listener.onStopped(this, reason)));
    return reason;
  }

  /** Lets the run under way end after the trials it has begun; does nothing if none is. */
  public void stop() {
    stopRequested = true;
  }

  boolean isStopRequested() {
    return stopRequested;
  }

  /**
   * Makes the best configuration current in a session, in one atomic step, and notes the study and
   * the trial with it.
   *
   * @param target the registered space to switch
   * @return the new version and values
   * @throws NoCompleteTrialException if none has ended with a score
   * @throws InvalidConfigurationException if the target's rules forbid it
   */
  public ConfigurationVersion applyBest(RegisteredConfiguration target) {
    Trial winner = best();
    WriteContext context =
        WriteContext.JVM
            .from("study")
            .with("study", name)
            .with("trial", Integer.toString(winner.number()));
    return target.apply(winner.configuration().toMap(), context);
  }

  private static void quietly(Runnable notification) {
    try {
      notification.run();
    } catch (RuntimeException e) {
      LOG.warn("a study listener failed", e);
    }
  }

  @Override
  public String toString() {
    return "study \"%s\" over %s with %s".formatted(name, space.name(), sampler);
  }

  /**
   * Collects how a study searches. Defaults: maximize, {@link TpeSampler}, seed 0, no listeners,
   * the system's clock. Not safe for several threads.
   */
  public static final class Builder {

    private final String name;
    private final ConfigurationSpace space;
    private final List<StudyListener> listeners = new ArrayList<>();
    private Direction direction = Direction.MAXIMIZE;
    private Sampler sampler = TpeSampler.create();
    private long seed;
    private InstantSource clock = InstantSource.system();

    private Builder(String name, ConfigurationSpace space) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a study's name must not be blank");
      }
      this.name = name;
      this.space = space;
    }

    /**
     * Looks for high scores.
     *
     * @return this builder
     */
    public Builder maximize() {
      this.direction = Direction.MAXIMIZE;
      return this;
    }

    /**
     * Looks for low scores.
     *
     * @return this builder
     */
    public Builder minimize() {
      this.direction = Direction.MINIMIZE;
      return this;
    }

    /**
     * Proposes configurations by another sampler.
     *
     * @param sampler proposes configurations
     * @return this builder
     */
    public Builder sampler(Sampler sampler) {
      this.sampler = sampler;
      return this;
    }

    /**
     * Seeds all chance in the study.
     *
     * @param seed any number
     * @return this builder
     */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener told of trials as they begin and end
     * @return this builder
     */
    public Builder listener(StudyListener listener) {
      listeners.add(listener);
      return this;
    }

    /**
     * Takes the time from elsewhere than the system's clock.
     *
     * @param clock stamps trials and measures the time budget
     * @return this builder
     */
    public Builder clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Returns the study.
     *
     * @return a study without trials
     */
    public Study build() {
      return new Study(this);
    }
  }
}
