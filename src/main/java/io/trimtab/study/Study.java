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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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
 * same configurations. Trials in parallel finish in any order: samplers that do not look at
 * outcomes propose the same all the same, the others if the run is {@linkplain
 * Parallelism#reproducible reproducible}.
 *
 * <p><b>Kept.</b> With a {@link Builder#storage storage}, everything that happens is written down
 * before the call that makes it happen returns, and a study of the same name goes on where the last
 * one has ended. Processes that share a study in a {@link StudyStorage#state StateProvider} see
 * each other's trials at every ask, tell and report.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once.
 */
public final class Study implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Study.class);
  private static final String ENQUEUED = "enqueued";

  private final String name;
  private final ConfigurationSpace space;
  private final List<Goal> goals;
  private final long seed;
  private final Pruner pruner;
  private final int retries;
  private final @Nullable Duration grace;
  private final Duration pulse;
  private final InstantSource clock;
  private final List<StudyListener> listeners;
  private final Proposals proposals;
  private final String owner;
  private final StudyLedger ledger;

  /**
   * One proposal at a time, so that each knows of the one before; never taken inside the ledger.
   */
  private final ReentrantLock proposing = new ReentrantLock();

  private volatile boolean stopRequested;

  private Study(Builder builder) {
    this.name = builder.name;
    this.space = builder.space;
    this.goals = List.copyOf(builder.goals);
    this.seed = builder.seed;
    this.pruner = builder.pruner;
    this.retries = builder.retries;
    this.grace = builder.grace;
    this.pulse = builder.pulse;
    this.clock = builder.clock;
    this.listeners = new CopyOnWriteArrayList<>(builder.listeners);
    this.proposals =
        new Proposals(builder.space, builder.sampler, builder.seed, builder.duplicates);
    this.owner = ProcessHandle.current().pid() + "-" + UUID.randomUUID();
    boolean remembers = builder.duplicates != Duplicates.ALLOW;
    TrialBook book = new TrialBook(this, goals, remembers);
    this.ledger = StudyLedger.open(name, space, book, clock, builder.storage);
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
   * Returns what the study looks for.
   *
   * @return an unmodifiable list of at least one goal
   */
  public List<Goal> goals() {
    return goals;
  }

  /**
   * Returns which scores are better.
   *
   * @return the direction of the first goal
   */
  public Direction direction() {
    return goals.get(0).direction();
  }

  /**
   * Returns what proposes configurations.
   *
   * @return the sampler
   */
  public Sampler sampler() {
    return proposals.sampler();
  }

  /**
   * Returns what gives up hopeless trials.
   *
   * @return the pruner
   */
  public Pruner pruner() {
    return pruner;
  }

  /**
   * Returns the seed of all chance in the study.
   *
   * @return the seed
   */
  public long seed() {
    return seed;
  }

  Duplicates duplicates() {
    return proposals.duplicates();
  }

  /** How often trials of a run show that they are alive, or null if nobody looks. */
  @Nullable Duration pulse() {
    return grace == null ? null : pulse;
  }

  InstantSource clock() {
    return clock;
  }

  StudyLedger ledger() {
    return ledger;
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
    ledger.commit((book, now) -> List.of(enqueued(book, configuration, now)));
    return configuration;
  }

  /**
   * Lets a configuration be tried next, unless it was tried or enqueued before; so that a program
   * that is started again on a kept study does not repeat it.
   *
   * @param values values by name; what is left out takes its default
   * @return whether it was enqueued; false if a trial that has not failed has the same
   *     configuration
   * @throws InvalidConfigurationException if the space forbids it, with every violation
   */
  public boolean enqueueIfNew(Map<String, ?> values) {
    Configuration configuration = space.merge(space.defaults(), values);
    boolean[] isNew = new boolean[1];
    ledger.commit(
        (book, now) -> {
          isNew[0] = book.tried(configuration) == null;
          return isNew[0] ? List.of(enqueued(book, configuration, now)) : List.of();
        });
    return isNew[0];
  }

  private void resume() {
    try {
      ledger.load(JournalHeader.of(this), JournalHeader.write(this));
      if (ledger.isExclusive()) {
        giveUp((book, now) -> book.silentSince(Instant.MAX), "the process that ran it has ended");
      }
    } catch (RuntimeException e) {
      ledger.close();
      throw e;
    }
  }

  private static StudyEvent enqueued(TrialBook book, Configuration configuration, Instant now) {
    return new StudyEvent.Enqueued(
        book.size(),
        configuration,
        new Trial.Start(now, null),
        -1,
        Map.of(Trial.PROPOSED_BY, ENQUEUED));
  }

  /**
   * Adds a trial that was evaluated elsewhere, so that the sampler learns from it.
   *
   * @param configuration what was tried
   * @param outcome what came of it
   * @return the finished trial
   * @throws InvalidConfigurationException if the space forbids the configuration
   */
  public Trial add(Configuration configuration, Outcome outcome) {
    Configuration ours = space.validate(configuration.toMap());
    int[] number = new int[1];
    ledger.commit(
        (book, now) -> {
          number[0] = book.size();
          return List.of(
              new StudyEvent.Begun(
                  book.size(), ours, startOf(now), Map.of(Trial.PROPOSED_BY, "added")),
              new StudyEvent.Ended(
                  book.size(),
                  Trial.End.of(goals, outcome, now, /* late= */ false),
                  outcome.attributes()));
        });
    Trial added = trial(number[0]);
    notify(listener -> listener.onTold(this, added));
    return added;
  }

  private Trial.Start startOf(Instant now) {
    return new Trial.Start(now, owner);
  }

  /**
   * Begins a trial: the one that has waited longest, or one the sampler proposes.
   *
   * @return the running trial with the configuration to try
   * @throws SpaceExhaustedException if duplicates are avoided and nothing is left to try
   */
  public Trial ask() {
    return ask(history -> history);
  }

  /**
   * Begins a trial as if the {@code lag - 1} trials before it were still running; waits until the
   * one before those has ended.
   */
  Trial askInOrder(int lag, int first) throws InterruptedException {
    proposing.lockInterruptibly();
    try {
      ledger.await(book -> book.nextWaiting() != null || isSettled(book, book.size() - lag, first));
      return ask(history -> masked(history, lag - 1));
    } finally {
      proposing.unlock();
    }
  }

  private static boolean isSettled(TrialBook book, int number, int first) {
    return number < first || book.trial(number).state() != TrialState.RUNNING;
  }

  private static PersistentList<Observation> masked(PersistentList<Observation> history, int last) {
    PersistentList<Observation> masked = history;
    for (int i = Math.max(0, history.size() - last); i < history.size(); i++) {
      masked = masked.with(i, Observation.running(history.get(i).configuration()));
    }
    return masked;
  }

  private Trial ask(UnaryOperator<PersistentList<Observation>> view) {
    if (grace != null) {
      recoverStale();
    }
    Trial begun = null;
    proposing.lock();
    try {
      while (begun == null) {
        begun = begin(view);
      }
    } finally {
      proposing.unlock();
    }
    Trial trial = begun;
    notify(listener -> listener.onAsked(this, trial));
    return trial;
  }

  /**
   * Begins a trial, or returns null if another process was faster and it has to be decided anew.
   */
  private @Nullable Trial begin(UnaryOperator<PersistentList<Observation>> view) {
    Proposals.Question question =
        ledger.read(
            book ->
                book.nextWaiting() == null
                    ? new Proposals.Question(book.size(), view.apply(book.observations()))
                    : null);
    Configuration proposed =
        question == null ? null : proposals.answer(name, question, this::wasTried);
    int[] number = {-1};
    ledger.commit(
        (book, now) -> {
          Trial waiting = book.nextWaiting();
          boolean upToDate = question != null && question.number() == book.size();
          number[0] = waiting != null ? waiting.number() : upToDate ? book.size() : -1;
          if (waiting != null) {
            return List.of(new StudyEvent.Resumed(waiting.number(), startOf(now)));
          }
          return proposed == null || !upToDate
              ? List.of()
              : List.of(
                  new StudyEvent.Begun(
                      book.size(), proposed, startOf(now), proposals.attributes()));
        });
    return number[0] < 0 ? null : trial(number[0]);
  }

  /** What an equal configuration scored, if such scores are reused; otherwise null. */
  @Nullable Outcome knownOutcome(Trial trial) {
    if (duplicates() != Duplicates.REUSE) {
      return null;
    }
    Trial equal = ledger.read(book -> book.completed(trial.configuration()));
    return equal == null
        ? null
        : new Outcome(
            equal.scores(), Cost.NONE, null, Map.of("score_of", Integer.toString(equal.number())));
  }

  long improvements() {
    return ledger.read(TrialBook::improvements);
  }

  private boolean wasTried(Configuration configuration) {
    return ledger.read(book -> book.tried(configuration)) != null;
  }

  /**
   * Ends a trial. A trial that had been given up as stale is accepted {@linkplain Trial#late late}:
   * what it found is worth knowing, whoever else tries it again meanwhile.
   *
   * @param trial a trial this study was asked for
   * @param outcome what came of it; with another number of scores than goals, or a score that is
   *     not finite, the trial fails
   * @return the finished trial
   * @throws TrialNotRunningException if it has been told already or is not of this study
   */
  public Trial tell(Trial trial, Outcome outcome) {
    ledger.commit(
        (book, now) -> {
          Trial current = underWay(book, trial);
          boolean late = current.state() == TrialState.STALE;
          Trial.End end = Trial.End.of(goals, outcome, now, late);
          return ending(book, current, end, outcome.attributes());
        });
    Trial told = trial(trial.number());
    notify(listener -> listener.onTold(this, told));
    return told;
  }

  private Trial underWay(TrialBook book, Trial trial) {
    int number = trial.number();
    boolean ours =
        number < book.size() && book.trial(number).configuration().equals(trial.configuration());
    TrialState state = ours ? book.trial(number).state() : null;
    if (state != TrialState.RUNNING && state != TrialState.STALE) {
      throw new TrialNotRunningException(name, number, state);
    }
    return book.trial(number);
  }

  /** The end of a trial, and its next attempt if it failed and has not been tried often enough. */
  private List<StudyEvent> ending(
      TrialBook book, Trial trial, Trial.End end, Map<String, String> attributes) {
    StudyEvent ended = new StudyEvent.Ended(trial.number(), end, attributes);
    boolean failed = end.state() == TrialState.FAILED || end.state() == TrialState.STALE;
    if (!failed || end.late() || attempts(book, trial) > retries) {
      return List.of(ended);
    }
    StudyEvent again =
        new StudyEvent.Enqueued(
            book.size(),
            trial.configuration(),
            new Trial.Start(end.at(), null),
            trial.number(),
            Map.of(Trial.PROPOSED_BY, "retry"));
    return List.of(ended, again);
  }

  /** How often a configuration has been tried in this chain, this trial included. */
  private static int attempts(TrialBook book, Trial trial) {
    int attempts = 1;
    Trial earlier = trial;
    while (earlier.retryOf().isPresent()) {
      earlier = book.trial(earlier.retryOf().getAsInt());
      attempts++;
    }
    return attempts;
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

  void report(Trial trial, IntermediateValue value) {
    ledger.commit(
        (book, now) -> {
          Trial current = underWay(book, trial);
          int last = current.lastReport().map(IntermediateValue::step).orElse(-1);
          if (value.step() <= last) {
            throw new IllegalArgumentException(
                "trial %d of study \"%s\": expected a step after %d, got %d"
                    .formatted(trial.number(), name, last, value.step()));
          }
          return List.of(new StudyEvent.Reported(trial.number(), value));
        });
    Trial reported = trial(trial.number());
    notify(listener -> listener.onReported(this, reported));
  }

  boolean shouldPrune(Trial trial) {
    List<Trial> now = trials();
    return pruner.shouldPrune(now.get(trial.number()), now, direction());
  }

  void note(Trial trial, String key, String value) {
    ledger.commit((book, now) -> List.of(new StudyEvent.TrialNoted(trial.number(), key, value)));
  }

  void beat(List<Trial> alive) {
    ledger.commit(
        (book, now) -> {
          List<Integer> numbers =
              alive.stream()
                  .map(Trial::number)
                  .filter(number -> book.trial(number).state() == TrialState.RUNNING)
                  .toList();
          return numbers.isEmpty() ? List.of() : List.of(new StudyEvent.Beat(numbers));
        });
  }

  /**
   * Notes something about the study.
   *
   * @param key what it is about
   * @param value what to note; replaces what was noted under the key
   */
  public void note(String key, String value) {
    ledger.commit((book, now) -> List.of(new StudyEvent.StudyNoted(key, value)));
  }

  /**
   * Returns what was noted about the study.
   *
   * @return an unmodifiable map, sorted by key
   */
  public Map<String, String> attributes() {
    return ledger.read(TrialBook::attributes);
  }

  /**
   * Gives up running trials that have shown no sign of life for the grace period of the study's
   * {@linkplain Builder#heartbeat heartbeat}, and enqueues them again if the study retries. A study
   * with a heartbeat does so at every ask.
   *
   * @return the trials given up, in order of number
   * @throws IllegalStateException if the study has no heartbeat
   */
  public List<Trial> recoverStale() {
    Duration silence = grace;
    if (silence == null) {
      throw new IllegalStateException(
          "study \"%s\" has no heartbeat; define one when building it".formatted(name));
    }
    return giveUp(
        (book, now) -> book.silentSince(now.minus(silence)), "no sign of life for " + silence);
  }

  private List<Trial> giveUp(BiFunction<TrialBook, Instant, List<Trial>> choice, String reason) {
    List<Trial> silent = new ArrayList<>();
    while (giveUpOne(choice, reason, silent)) {
      // one at a time, since each may enqueue its next attempt
    }
    silent.forEach(trial -> notify(listener -> listener.onTold(this, trial)));
    return Collections.unmodifiableList(silent);
  }

  private boolean giveUpOne(
      BiFunction<TrialBook, Instant, List<Trial>> choice, String reason, List<Trial> silent) {
    int[] number = {-1};
    ledger.commit(
        (book, now) -> {
          List<Trial> candidates = choice.apply(book, now);
          number[0] = candidates.isEmpty() ? -1 : candidates.get(0).number();
          return candidates.isEmpty()
              ? List.of()
              : ending(book, candidates.get(0), Trial.End.stale(now, reason), Map.of());
        });
    if (number[0] >= 0) {
      silent.add(trial(number[0]));
    }
    return number[0] >= 0;
  }

  /**
   * Learns what other processes have done to a shared study since the last ask, tell or report;
   * does nothing to others.
   */
  public void refresh() {
    ledger.refresh();
  }

  /**
   * Returns all trials so far.
   *
   * @return an unmodifiable snapshot in the order of their numbers
   */
  public List<Trial> trials() {
    return ledger.read(TrialBook::trials);
  }

  /**
   * Returns one trial as it is now.
   *
   * @param number the trial's number
   * @return the trial
   * @throws IndexOutOfBoundsException if there is no such trial
   */
  public Trial trial(int number) {
    return ledger.read(book -> book.trial(number));
  }

  /**
   * Returns how many trials are in a state.
   *
   * @param state a state
   * @return at least 0
   */
  public int count(TrialState state) {
    return ledger.read(book -> book.count(state));
  }

  /**
   * Returns the best trial so far.
   *
   * @return the complete trial with the best score, the earliest of equals
   * @throws NoCompleteTrialException if none has ended with a score
   * @throws IllegalStateException if the study has several goals; see {@link #paretoFront}
   */
  public Trial best() {
    return findBest()
        .orElseThrow(
            () ->
                ledger.read(
                    book -> new NoCompleteTrialException(name, book.size(), book.lastFailure())));
  }

  /**
   * Returns the best trial so far, if there is one.
   *
   * @return the complete trial with the best score, the earliest of equals
   * @throws IllegalStateException if the study has several goals; see {@link #paretoFront}
   */
  public Optional<Trial> findBest() {
    requireOneGoal();
    return Optional.ofNullable(ledger.read(TrialBook::best));
  }

  private void requireOneGoal() {
    if (goals.size() > 1) {
      throw new IllegalStateException(
          "study \"%s\" has %d goals, so there is no best trial; choose one of paretoFront()"
              .formatted(name, goals.size()));
    }
  }

  /**
   * Returns the trials that no other one beats: none is at least as good at every goal and better
   * at one.
   *
   * @return complete trials in order of number; for one goal, all with the best score
   */
  public List<Trial> paretoFront() {
    return ledger.read(TrialBook::front);
  }

  /**
   * Returns the best complete trials.
   *
   * @param count how many at most
   * @return the trials, best first, earlier ones first among equals
   * @throws IllegalStateException if the study has several goals; see {@link #paretoFront}
   */
  public List<Trial> best(int count) {
    requireOneGoal();
    List<Trial> complete = new ArrayList<>(trials());
    complete.removeIf(trial -> trial.state() != TrialState.COMPLETE);
    complete.sort(Comparator.comparingDouble(trial -> direction().loss(trial.score())));
    return List.copyOf(complete.subList(0, Math.min(count, complete.size())));
  }

  /**
   * Returns what all finished trials used up.
   *
   * @return the sum of their costs
   */
  public Cost cost() {
    return ledger.read(TrialBook::cost);
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
    return run(objective, budget, Parallelism.of(parallelism));
  }

  /**
   * Runs trials, several at once, until a limit is met. Trials under way are finished first, except
   * when the calling thread is interrupted: then they are interrupted and told as failed.
   *
   * @param objective finds out how good a configuration is; called by as many threads at once
   * @param budget when to end
   * @param parallelism how many trials at once, and on which threads
   * @return why the run ended
   */
  public StopReason run(Objective objective, Budget budget, Parallelism parallelism) {
    stopRequested = false;
    StopReason reason = new StudyRun(this, objective, budget, parallelism).run();
    notify(listener -> listener.onStopped(this, reason));
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
    return apply(best(), target);
  }

  /**
   * Makes a trial's configuration current in a session, in one atomic step, and notes the study and
   * the trial with it.
   *
   * @param trial the trial, such as one of the {@link #paretoFront}
   * @param target the registered space to switch
   * @return the new version and values
   * @throws InvalidConfigurationException if the target's rules forbid it
   */
  public ConfigurationVersion apply(Trial trial, RegisteredConfiguration target) {
    WriteContext context =
        WriteContext.JVM
            .from("study")
            .with("study", name)
            .with("trial", Integer.toString(trial.number()));
    return target.apply(trial.configuration().toMap(), context);
  }

  /** Gives back where the study is kept; trials can still be read. Does nothing to others. */
  @Override
  public void close() {
    ledger.close();
  }

  private void notify(Consumer<StudyListener> notification) {
    for (StudyListener listener : listeners) {
      try {
        notification.accept(listener);
      } catch (RuntimeException e) {
        LOG.warn("a study listener failed", e);
      }
    }
  }

  @Override
  public String toString() {
    return "study \"%s\" over %s with %s".formatted(name, space.name(), sampler());
  }

  /**
   * Collects how a study searches. Defaults: maximize one score, {@link TpeSampler}, seed 0, no
   * pruner, no retries, duplicates allowed, no heartbeat, kept in memory only, no listeners, the
   * system's clock. Not safe for several threads.
   */
  public static final class Builder {

    private static final Goal DEFAULT_GOAL = new Goal("score", Direction.MAXIMIZE);

    private final String name;
    private final ConfigurationSpace space;
    private final List<StudyListener> listeners = new ArrayList<>();
    private final List<Goal> named = new ArrayList<>();
    private List<Goal> goals = List.of(DEFAULT_GOAL);
    private Sampler sampler = TpeSampler.create();
    private long seed;
    private Pruner pruner = Pruner.none();
    private int retries;
    private Duplicates duplicates = Duplicates.ALLOW;
    private Duration pulse = Duration.ZERO;
    private @Nullable Duration grace;
    private @Nullable StudyStorage storage;
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
      return soleGoal(Direction.MAXIMIZE);
    }

    /**
     * Looks for low scores.
     *
     * @return this builder
     */
    public Builder minimize() {
      return soleGoal(Direction.MINIMIZE);
    }

    private Builder soleGoal(Direction direction) {
      if (!named.isEmpty()) {
        throw new IllegalStateException("goals by name were given already: " + named);
      }
      goals = List.of(new Goal("score", direction));
      return this;
    }

    /**
     * Looks for high values of a named score. Several goals make a study of compromises: an outcome
     * has one score per goal, in the order in which the goals were given.
     *
     * @param goal what to call the score
     * @return this builder
     */
    public Builder maximize(String goal) {
      return goal(new Goal(goal, Direction.MAXIMIZE));
    }

    /**
     * Looks for low values of a named score.
     *
     * @param goal what to call the score
     * @return this builder
     */
    public Builder minimize(String goal) {
      return goal(new Goal(goal, Direction.MINIMIZE));
    }

    private Builder goal(Goal goal) {
      if (named.stream().anyMatch(other -> other.name().equals(goal.name()))) {
        throw new IllegalArgumentException(
            "goal names must be distinct, got \"%s\" twice".formatted(goal.name()));
      }
      named.add(goal);
      goals = named;
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
     * Gives up hopeless trials early.
     *
     * @param pruner decides from intermediate values; for studies with one goal
     * @return this builder
     */
    public Builder pruner(Pruner pruner) {
      this.pruner = pruner;
      return this;
    }

    /**
     * Tries the configuration of a failed or stale trial again.
     *
     * @param retries how often at most, at least 0
     * @return this builder
     */
    public Builder retries(int retries) {
      if (retries < 0) {
        throw new IllegalArgumentException("retries must be at least 0, got " + retries);
      }
      this.retries = retries;
      return this;
    }

    /**
     * Says what becomes of proposals that were tried before.
     *
     * @param duplicates what to do with them
     * @return this builder
     */
    public Builder duplicates(Duplicates duplicates) {
      this.duplicates = duplicates;
      return this;
    }

    /**
     * Gives up trials whose process or machine has died. The trials of a run show by themselves
     * that they are alive; others by {@link Trial#report} or {@link Trial#beat}. Silence is
     * measured by the clock of the study that looks, from when it last heard of the trial, so that
     * clocks need not agree.
     *
     * @param every how often a run shows that its trials are alive, positive
     * @param grace after how much silence a trial is given up, longer than {@code every}
     * @return this builder
     */
    public Builder heartbeat(Duration every, Duration grace) {
      if (every.isNegative() || every.isZero() || grace.compareTo(every) <= 0) {
        throw new IllegalArgumentException(
            "a heartbeat must be positive and shorter than its grace, got %s and %s"
                .formatted(every, grace));
      }
      this.pulse = every;
      this.grace = grace;
      return this;
    }

    /**
     * Keeps the study, and goes on with the one that is kept there already.
     *
     * @param storage where to keep it
     * @return this builder
     */
    public Builder storage(StudyStorage storage) {
      this.storage = storage;
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
     * Returns the study. If it was kept, it has its trials; those that ran when the only process
     * that could have it open ended are stale.
     *
     * @return the study, without trials if it is new
     * @throws StudyMismatchException if a study with another space, seed or other goals is kept
     *     there
     * @throws StudyStorageException if it cannot be read, or is in use and does not allow it
     */
    public Study build() {
      if (goals.size() > 1 && pruner != Pruner.none()) {
        throw new IllegalStateException(
            "a pruner compares values of one goal, got the goals " + goals);
      }
      if (goals.size() > sampler.mostObjectives()) {
        throw new IllegalStateException(
            "sampler %s: expected at most %d goals, got %s"
                .formatted(sampler.name(), sampler.mostObjectives(), goals));
      }
      Study study = new Study(this);
      study.resume();
      return study;
    }
  }
}
