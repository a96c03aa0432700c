package io.trimtab.evaluate;

import io.trimtab.evaluate.Evaluation.Row;
import io.trimtab.evaluate.EvaluationStoppedException.Reason;
import io.trimtab.lm.LmClock;
import io.trimtab.lm.Usage;
import io.trimtab.program.Attempt;
import io.trimtab.program.Example;
import io.trimtab.program.Prediction;
import io.trimtab.program.Program;
import io.trimtab.program.Step;
import io.trimtab.program.UnreadableAnswerException;
import io.trimtab.variable.VariableSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One evaluation under way. */
final class EvaluationRun {
  /*
   * Every example is an Item that is started once, settled once (its row is written) and over once (nothing of it runs
   * any more). Settling and being over are apart because an example past its deadline is settled at once but keeps its
   * slot until it has really ended: that is how the concurrency is never exceeded. Whoever ends an item starts the
   * next; starts go through the executor, so that programs which answer at once do not recurse. The run is finished
   * when all items are settled and none is under way, or when it was stopped and none is under way, or when a stopped
   * item would not end within the grace. One lock guards the bookkeeping; no foreign code runs under it.
   */

  private final List<Example> examples;
  private final Metric metric;
  private final EvaluatorSettings settings;
  private final Program program;
  private final VariableSource source;
  private final long began;
  private final CompletableFuture<Evaluation> result = new CompletableFuture<>();
  private final CompletableFuture<Void> idle = new CompletableFuture<>();
  private final Object progressLock = new Object();

  private final Object lock = new Object(); // guards everything below
  private final @Nullable Row[] rows;
  private final Set<Item> underWay = new LinkedHashSet<>();
  private int next;
  private int done;
  private int failed;
  private double sum;
  private Usage usage = Usage.UNKNOWN;
  private double cost;
  private @Nullable Supplier<? extends Throwable> stop;

  EvaluationRun(
      List<Example> examples,
      Metric metric,
      EvaluatorSettings settings,
      Program program,
      VariableSource source) {
    this.examples = examples;
    this.metric = metric;
    this.settings = settings;
    this.program = program;
    this.source = source;
    this.rows = new Row[examples.size()];
    this.began = settings.clock.nanos();
  }

  CompletableFuture<Evaluation> start() {
    CompletableFuture<Evaluation> unused =
        result.whenComplete(
            (evaluation, error) -> {
              if (result.isCancelled()) {
                cancel();
              }
            });
    startMore();
    return result;
  }

  void cancel() {
    stop(() -> stopped(Reason.CANCELLED, "cancelled", null));
  }

  /** Waits until nothing runs any more, or the grace has passed. */
  void awaitEnd() {
    try {
      idle.get(settings.grace.toMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      // interrupted twice, or a program that cannot be ended: the caller is not kept waiting
    }
  }

  private void startMore() {
    List<Item> starting = new ArrayList<>();
    synchronized (lock) {
      while (stop == null && next < examples.size() && underWay.size() < settings.concurrency) {
        Item item = new Item(next++);
        underWay.add(item);
        starting.add(item);
      }
    }
    for (Item item : starting) {
      try {
        settings.executor().execute(item::run);
      } catch (RuntimeException e) { // the executor refuses
        item.over();
        stop(() -> e);
      }
    }
  }

  /** One example under way. */
  private final class Item {

    private final int index;
    private final Example example;
    private volatile @Nullable Prediction answer;
    private boolean settled; // guarded by lock
    private LmClock.@Nullable Timer timer; // guarded by this, as is the rest
    private @Nullable Thread worker;
    private @Nullable CompletableFuture<?> awaited;
    private boolean interrupted;
    private boolean over;

    Item(int index) {
      this.index = index;
      this.example = examples.get(index);
    }

    void run() {
      startTimer();
      if (settings.blocking()) {
        runBlocking();
      } else {
        runAsync();
      }
    }

    private synchronized void startTimer() {
      Duration deadline = settings.deadline;
      if (deadline != null) {
        timer = settings.clock.schedule(deadline, () -> expire(deadline));
      }
    }

    private void runBlocking() {
      try {
        if (attach(Thread.currentThread())) {
          Prediction prediction = program.run(example.inputs(), source, settings.options(index));
          answered(prediction);
          succeeded(prediction, await(metric.score(example, prediction)));
        }
      } catch (InterruptedException e) {
        failed(e);
      } catch (ExecutionException e) {
        failed(Failures.cause(e));
      } catch (RuntimeException | Error e) {
        failed(e);
      } finally {
        detach();
        over();
      }
    }

    private Score await(CompletableFuture<Score> score)
        throws InterruptedException, ExecutionException {
      try {
        return score.get();
      } catch (InterruptedException e) {
        score.cancel(/* mayInterruptIfRunning= */ true);
        throw e;
      }
    }

    private synchronized boolean attach(Thread thread) {
      worker = thread;
      return !interrupted;
    }

    private synchronized void detach() {
      worker = null;
      // An interrupt meant for this example must not reach the thread's next task.
      boolean unused = Thread.interrupted();
    }

    private void runAsync() {
      try {
        CompletableFuture<Prediction> asked =
            program.runAsync(example.inputs(), source, settings.options(index));
        follow(asked);
        CompletableFuture<Void> unused =
            asked.handleAsync(
                (prediction, error) -> {
                  if (error == null) {
                    judgeAsync(prediction);
                  } else {
                    end(() -> failed(Failures.cause(error)));
                  }
                  return null;
                },
                settings.executor()); // the metric may block, the model's own thread may not
      } catch (RuntimeException | Error e) {
        end(() -> failed(e));
      }
    }

    private void judgeAsync(Prediction prediction) {
      try {
        answered(prediction);
        CompletableFuture<Score> judging = metric.score(example, prediction);
        follow(judging);
        CompletableFuture<Void> unused =
            judging.handleAsync(
                (score, error) -> {
                  end(
                      () -> {
                        if (error == null) {
                          succeeded(prediction, score);
                        } else {
                          failed(Failures.cause(error));
                        }
                      });
                  return null;
                },
                settings.executor());
      } catch (RuntimeException | Error e) {
        end(() -> failed(e));
      }
    }

    private void end(Runnable outcome) {
      try {
        outcome.run();
      } finally {
        over();
      }
    }

    /*
     * Futures are cancelled under this item's monitor, which over() needs as well, and answers are handled on another
     * thread: so the item is over only after its cancellation has reached the model, and who sees the evaluation end
     * finds no call open.
     */
    private synchronized void follow(CompletableFuture<?> future) {
      awaited = future;
      if (interrupted) {
        future.cancel(/* mayInterruptIfRunning= */ true);
      }
    }

    synchronized void interrupt() {
      interrupted = true;
      if (worker != null) {
        worker.interrupt();
      }
      if (awaited != null) {
        awaited.cancel(/* mayInterruptIfRunning= */ true);
      }
    }

    private void expire(Duration deadline) {
      settle(this, row("", new TimeoutException("no answer within the deadline of " + deadline)));
      interrupt();
      LmClock.Timer unused = settings.clock.schedule(settings.grace, this::requireOver);
    }

    private void requireOver() {
      boolean ignored;
      synchronized (this) {
        ignored = !over;
      }
      if (ignored) {
        stop(
            () ->
                stopped(
                    Reason.DEADLINE_IGNORED,
                    "example %d went on for %s after its deadline although it was interrupted"
                        .formatted(index, settings.grace),
                    null));
      }
    }

    private void answered(Prediction prediction) {
      answer = prediction;
      List<Attempt> attempts =
          prediction.trace().stream().map(Step::attempts).flatMap(List::stream).toList();
      spent(attempts, prediction.usage());
    }

    private void succeeded(Prediction prediction, Score score) {
      spent(score.attempts(), Attempt.usage(score.attempts()));
      if (Double.isFinite(score.value())) {
        settle(
            this,
            new Row(
                index, example, prediction, score.value(), score.feedback(), /* error= */ null));
      } else {
        ArithmeticException error =
            new ArithmeticException(
                "%s gave %s, expected a finite score".formatted(metric.name(), score.value()));
        settle(this, row(score.feedback(), error));
      }
    }

    private void failed(Throwable error) {
      if (error instanceof UnreadableAnswerException unreadable) {
        spent(unreadable.attempts(), unreadable.usage());
      }
      if (error instanceof Error serious) {
        stop(() -> serious);
      } else {
        settle(this, row("", error));
      }
    }

    private Row row(String feedback, Throwable error) {
      return new Row(index, example, answer, settings.failureScore, feedback, error);
    }

    void over() {
      synchronized (this) {
        over = true;
        if (timer != null) {
          timer.cancel();
        }
      }
      synchronized (lock) {
        underWay.remove(this);
      }
      startMore();
      finishIfDone();
    }
  }

  private void spent(List<Attempt> attempts, Usage total) {
    double price = 0;
    if (settings.price != null) {
      for (Attempt attempt : attempts) {
        price += settings.price.applyAsDouble(attempt.response());
      }
    }
    synchronized (lock) {
      usage = usage.plus(total);
      cost += price;
    }
  }

  private void settle(Item item, Row row) {
    boolean tooMany;
    synchronized (lock) {
      if (item.settled || stop != null) {
        return; // an example that ends after its deadline, or because of a stop, has no row of its
        // own
      }
      item.settled = true;
      rows[item.index] = row;
      done++;
      sum += row.score();
      failed += row.failed() ? 1 : 0;
      tooMany = row.failed() && failed > settings.maxErrors;
    }
    tell();
    if (tooMany) {
      stop(() -> stopped(Reason.TOO_MANY_ERRORS, tooManyWords(row), row.error()));
    }
  }

  private String tooManyWords(Row row) {
    return "more than %d examples failed, the last one, example %d, with %s"
        .formatted(settings.maxErrors, row.index(), Failures.words(row.error()));
  }

  private void tell() {
    synchronized (progressLock) {
      Progress.State state;
      synchronized (lock) {
        state = new Progress.State(done, examples.size(), failed, sum / done);
      }
      try {
        settings.progress.advanced(state);
      } catch (RuntimeException e) {
        stop(() -> e);
      }
    }
  }

  private void stop(Supplier<? extends Throwable> why) {
    List<Item> running;
    synchronized (lock) {
      if (stop != null || (result.isDone() && !result.isCancelled())) {
        return;
      }
      stop = why;
      running = List.copyOf(underWay);
    }
    running.forEach(Item::interrupt);
    LmClock.Timer unused = settings.clock.schedule(settings.grace, this::finish);
    finishIfDone();
  }

  private void finishIfDone() {
    boolean ended;
    synchronized (lock) {
      ended = underWay.isEmpty() && (stop != null || done == examples.size());
    }
    if (ended) {
      finish();
    }
  }

  private void finish() {
    Supplier<? extends Throwable> why;
    synchronized (lock) {
      why = stop;
    }
    idle.complete(null);
    if (why == null) {
      result.complete(soFar());
    } else {
      result.completeExceptionally(why.get());
    }
  }

  EvaluationStoppedException stopped(Reason reason, String words, @Nullable Throwable cause) {
    return new EvaluationStoppedException(reason, words, soFar(), cause);
  }

  private Evaluation soFar() {
    Duration elapsed = Duration.ofNanos(settings.clock.nanos() - began);
    synchronized (lock) {
      return new Evaluation(
          metric.name(),
          Arrays.stream(rows).filter(Objects::nonNull).map(Objects::requireNonNull).toList(),
          usage,
          settings.price == null || Double.isNaN(cost)
              ? OptionalDouble.empty()
              : OptionalDouble.of(cost),
          elapsed);
    }
  }
}
