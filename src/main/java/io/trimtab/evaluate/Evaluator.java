package io.trimtab.evaluate;

import io.trimtab.lm.LmClock;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Price;
import io.trimtab.lm.PriceTable;
import io.trimtab.program.CallOptions;
import io.trimtab.program.Program;
import io.trimtab.variable.VariableSource;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Runs a program over a dataset and averages a metric.
 *
 * <pre>{@code
 * Evaluator evaluator = Evaluator.of(test, Metric.exactMatch("label")).withConcurrency(32);
 * Evaluation evaluation = evaluator.evaluate(program, session);
 * System.out.print(evaluation.table(10));
 * }</pre>
 *
 * <p><b>Values.</b> One {@linkplain VariableSource#snapshot() snapshot} of the source serves all
 * examples.
 *
 * <p><b>Concurrency.</b> Never more examples at once than asked for, metric included; each is run
 * exactly once. Examples run on virtual threads where the JVM has them (21 and later); before that
 * through the asynchronous form of the program; or on the threads of {@link #withThreads}.
 *
 * <p><b>Failures.</b> An example fails if its program or metric throws, passes the deadline, or
 * scores NaN or an infinity. It counts with the failure score; one failure more than {@code
 * maxErrors} stops the evaluation with {@link EvaluationStoppedException}. An {@link Error} stops
 * it at once.
 *
 * <p><b>Cancellation.</b> Interrupting {@link #evaluate} or cancelling the future of {@link
 * #evaluateAsync} interrupts what runs and starts nothing more; {@code evaluate} returns when all
 * of it has ended.
 *
 * <p>Immutable and safe for use by many threads at once. Defaults: concurrency 8, no deadline,
 * {@code maxErrors} 10, failure score 0, no progress, no price, no seed.
 */
public final class Evaluator {

  private final Dataset dataset;
  private final Metric metric;
  private final EvaluatorSettings settings;

  private Evaluator(Dataset dataset, Metric metric, EvaluatorSettings settings) {
    if (dataset.isEmpty()) {
      throw new IllegalArgumentException("expected at least one example, got an empty dataset");
    }
    this.dataset = dataset;
    this.metric = metric;
    this.settings = settings;
  }

  /**
   * Creates an evaluator with the defaults of the class comment.
   *
   * @param dataset the examples, at least one
   * @param metric how answers are judged
   * @return the evaluator
   * @throws IllegalArgumentException if the dataset is empty
   */
  public static Evaluator of(Dataset dataset, Metric metric) {
    return new Evaluator(dataset, metric, new EvaluatorSettings());
  }

  private Evaluator with(Consumer<EvaluatorSettings> change) {
    EvaluatorSettings copy = settings.copy();
    change.accept(copy);
    return new Evaluator(dataset, metric, copy);
  }

  /**
   * Returns an evaluator over other examples.
   *
   * @param examples at least one
   * @return a new evaluator
   */
  public Evaluator withDataset(Dataset examples) {
    return new Evaluator(examples, metric, settings);
  }

  /**
   * Returns an evaluator that runs so many examples at once.
   *
   * @param concurrency at least 1
   * @return a new evaluator
   */
  public Evaluator withConcurrency(int concurrency) {
    if (concurrency < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1, got " + concurrency);
    }
    return with(s -> s.concurrency = concurrency);
  }

  /**
   * Returns an evaluator that gives each example so much time, metric included.
   *
   * @param deadline longer than zero; then the example is interrupted and fails
   * @return a new evaluator
   */
  public Evaluator withDeadline(Duration deadline) {
    return withDeadline(deadline, settings.grace);
  }

  /**
   * Returns an evaluator that gives each example so much time, metric included.
   *
   * @param deadline longer than zero; then the example is interrupted and fails
   * @param grace how long an interrupted example may take to end before the evaluation stops;
   *     otherwise 10 s
   * @return a new evaluator
   */
  public Evaluator withDeadline(Duration deadline, Duration grace) {
    if (deadline.isNegative() || deadline.isZero() || grace.isNegative()) {
      throw new IllegalArgumentException(
          "deadline must be longer than zero and grace not negative, got %s and %s"
              .formatted(deadline, grace));
    }
    return with(
        s -> {
          s.deadline = deadline;
          s.grace = grace;
        });
  }

  /**
   * Returns an evaluator that allows so many failed examples.
   *
   * @param maxErrors at least 0; {@link Integer#MAX_VALUE} never stops
   * @param failureScore what a failed example counts, finite
   * @return a new evaluator
   */
  public Evaluator withMaxErrors(int maxErrors, double failureScore) {
    if (maxErrors < 0 || !Double.isFinite(failureScore)) {
      throw new IllegalArgumentException(
          "maxErrors must be at least 0 and the failure score finite, got %d and %s"
              .formatted(maxErrors, failureScore));
    }
    return with(
        s -> {
          s.maxErrors = maxErrors;
          s.failureScore = failureScore;
        });
  }

  /**
   * Returns an evaluator that allows so many failed examples, which count 0.
   *
   * @param maxErrors at least 0; {@link Integer#MAX_VALUE} never stops
   * @return a new evaluator
   */
  public Evaluator withMaxErrors(int maxErrors) {
    return withMaxErrors(maxErrors, settings.failureScore);
  }

  /**
   * Returns an evaluator that tells how it goes.
   *
   * @param progress such as {@link ProgressBar#on}
   * @return a new evaluator
   */
  public Evaluator withProgress(Progress progress) {
    return with(s -> s.progress = progress);
  }

  /**
   * Returns an evaluator that adds up costs.
   *
   * @param price what a response costs, in a currency of your choice; NaN makes the cost of the
   *     whole evaluation unknown
   * @return a new evaluator
   */
  public Evaluator withPrice(ToDoubleFunction<LmResponse> price) {
    return with(s -> s.price = price);
  }

  /**
   * Returns an evaluator that adds up costs by a table of prices.
   *
   * @param prices by model; a response of a model without a price, or without token counts, makes
   *     the cost of the whole evaluation unknown, and a cached one costs nothing
   * @return a new evaluator
   */
  public Evaluator withPrices(PriceTable prices) {
    return withPrice(
        response -> {
          Price price = prices.find(response.model());
          BigDecimal cost = price == null ? null : price.of(response.usage());
          return response.cached() ? 0 : cost == null ? Double.NaN : cost.doubleValue();
        });
  }

  /**
   * Returns an evaluator with common random numbers: each example carries a {@code seed} of its own
   * in every evaluation, so that two configurations differ by more than luck.
   *
   * @param seed base of the examples' seeds
   * @return a new evaluator, for programs with a parameter {@code seed}
   */
  public Evaluator withCommonRandomNumbers(long seed) {
    return with(s -> s.seed = seed);
  }

  /**
   * Returns an evaluator that runs every example with some options.
   *
   * @param call what the runs do differently from the program's own settings
   * @return a new evaluator
   */
  public Evaluator withCallOptions(CallOptions call) {
    return with(s -> s.call = call);
  }

  /**
   * Returns an evaluator that runs examples on given threads, one blocking task each.
   *
   * @param threads must not run tasks on the caller's thread and must have room for the concurrency
   * @return a new evaluator
   */
  public Evaluator withThreads(Executor threads) {
    return with(s -> s.threads = threads);
  }

  /**
   * Returns an evaluator that measures time by another clock.
   *
   * @param clock for deadlines and the elapsed time
   * @return a new evaluator
   */
  public Evaluator withClock(LmClock clock) {
    return with(s -> s.clock = clock);
  }

  /**
   * Returns the examples.
   *
   * @return the dataset, not empty
   */
  public Dataset dataset() {
    return dataset;
  }

  /**
   * Returns how answers are judged.
   *
   * @return the metric
   */
  public Metric metric() {
    return metric;
  }

  /**
   * Runs a program over the dataset and waits for the result.
   *
   * @param program what to judge
   * @param source the variables' values; one snapshot of it is used
   * @return the result
   * @throws EvaluationStoppedException if more examples failed than allowed, or this thread was
   *     interrupted (its flag stays set)
   */
  public Evaluation evaluate(Program program, VariableSource source) {
    EvaluationRun run = run(program, source);
    CompletableFuture<Evaluation> result = run.start();
    try {
      return result.get();
    } catch (InterruptedException e) {
      run.cancel();
      run.awaitEnd();
      Thread.currentThread().interrupt();
      throw run.stopped(EvaluationStoppedException.Reason.CANCELLED, "interrupted", e);
    } catch (CancellationException e) {
      throw run.stopped(EvaluationStoppedException.Reason.CANCELLED, "cancelled", e);
    } catch (ExecutionException e) {
      throw Failures.unchecked(e.getCause());
    }
  }

  /**
   * Runs a program over the dataset without blocking the caller.
   *
   * @param program what to judge
   * @param source the variables' values; the snapshot is taken before this method returns
   * @return the result to come; it fails with what {@link #evaluate} throws, and cancelling it
   *     interrupts what runs
   */
  public CompletableFuture<Evaluation> evaluateAsync(Program program, VariableSource source) {
    return run(program, source).start();
  }

  private EvaluationRun run(Program program, VariableSource source) {
    if (settings.seed != null && !program.parameters().contains("seed")) {
      throw new IllegalArgumentException(
          "common random numbers need a program with a parameter \"seed\", got " + program);
    }
    return new EvaluationRun(dataset.examples(), metric, settings, program, source.snapshot());
  }

  @Override
  public String toString() {
    return "Evaluator(%s, %s, concurrency %d)".formatted(dataset, metric, settings.concurrency);
  }
}
