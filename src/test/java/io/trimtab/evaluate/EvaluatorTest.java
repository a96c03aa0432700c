package io.trimtab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Price;
import io.trimtab.lm.PriceTable;
import io.trimtab.lm.ScriptedAnswer;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.lm.Usage;
import io.trimtab.program.CallOptions;
import io.trimtab.program.Example;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Predict;
import io.trimtab.program.Prediction;
import io.trimtab.program.Program;
import io.trimtab.program.Run;
import io.trimtab.variable.VariableSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EvaluatorTest {

  private static final VariableSource NOTHING = VariableSource.empty();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "evaluator-test");
            thread.setDaemon(true);
            return thread;
          });

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  private static Dataset numbers(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      examples.add(Example.of(Map.of("n", i), Map.of("parity", i % 2 == 0 ? "even" : "odd")));
    }
    return Dataset.of(examples);
  }

  private static Prediction even(FieldValues inputs, Run run) {
    return Prediction.of(Map.of("parity", "even"));
  }

  private static final Metric MATCH = Metric.exactMatch("parity");

  /** Both ways an example can be run: as a blocking task, and through the asynchronous form. */
  private List<Evaluator> bothWays(Evaluator evaluator) {
    return List.of(evaluator.withThreads(threads), evaluator);
  }

  @Test
  void evaluate_averagesTheMetricInTheDatasetsOrder() {
    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(101), MATCH).withConcurrency(7))) {
      Evaluation evaluation = evaluator.evaluate(EvaluatorTest::even, NOTHING);

      assertThat(evaluation.score()).isCloseTo(51.0 / 101, within(1e-12));
      assertThat(evaluation.rows()).extracting(Evaluation.Row::index).isSorted().hasSize(101);
      assertThat(evaluation.failures()).isZero();
    }
  }

  @Test
  void of_emptyDataset_isRefused() {
    assertThatThrownBy(() -> Evaluator.of(Dataset.of(), MATCH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty dataset");
  }

  /** Holds every example until the test opens, and counts how many are in at once. */
  private static final class Turnstile implements Program {
    final AtomicInteger inside = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    final AtomicInteger entered = new AtomicInteger();
    final CountDownLatch open = new CountDownLatch(1);

    @Override
    public Prediction forward(FieldValues inputs, Run run) {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      entered.incrementAndGet();
      try {
        if (!open.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("nobody opened");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        inside.decrementAndGet();
      }
      return even(inputs, run);
    }

    /** Waits for as many as were asked for, then a while for one more; true if it never came. */
    boolean keeps(int capacity, Duration patience) {
      while (entered.get() < capacity) {
        Thread.onSpinWait();
      }
      long end = System.nanoTime() + patience.toNanos();
      while (entered.get() <= capacity && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      boolean kept = entered.get() == capacity;
      open.countDown();
      return kept;
    }
  }

  private static Turnstile through(Evaluator evaluator, boolean kept, Duration patience) {
    Turnstile turnstile = new Turnstile();
    CompletableFuture<Evaluation> result =
        CompletableFuture.supplyAsync(() -> evaluator.evaluate(turnstile, NOTHING));
    assertThat(turnstile.keeps(20, patience)).isEqualTo(kept);
    result.join();
    return turnstile;
  }

  @Test
  void evaluate_runsAsManyAtOnceAsAskedAndNeverMore() {
    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(200), MATCH).withConcurrency(20))) {
      Turnstile turnstile = through(evaluator, /* kept= */ true, Duration.ofMillis(200));

      assertThat(turnstile.most.get()).isEqualTo(20);
      assertThat(turnstile.entered.get()).as("each example runs exactly once").isEqualTo(200);
    }
  }

  @Test
  void turnstile_anEvaluatorThatStartsOneTooMany_isCaught() {
    Evaluator faulty = Evaluator.of(numbers(200), MATCH).withConcurrency(21).withThreads(threads);

    Turnstile turnstile = through(faulty, /* kept= */ false, Duration.ofSeconds(20));

    assertThat(turnstile.most.get()).isEqualTo(21);
  }

  @Test
  void evaluate_failedExamples_countAsFailureScoreUpToTheLimit() {
    Program program =
        (inputs, run) -> {
          if (inputs.getLong("n") % 10 == 3) {
            throw new IllegalStateException("no " + inputs.get("n"));
          }
          return even(inputs, run);
        };
    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(40), MATCH))) {
      Evaluation evaluation = evaluator.withMaxErrors(4).evaluate(program, NOTHING);

      assertThat(evaluation.failures()).isEqualTo(4);
      assertThat(evaluation.score()).isEqualTo(0.5);
      assertThat(evaluation.rows().get(3).error()).hasMessage("no 3");
      assertThatThrownBy(() -> evaluator.withMaxErrors(3).evaluate(program, NOTHING))
          .isInstanceOfSatisfying(
              EvaluationStoppedException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(EvaluationStoppedException.Reason.TOO_MANY_ERRORS);
                assertThat(e.partial().failures()).isEqualTo(4);
              })
          .hasMessageContaining("more than 3 examples failed");
    }
  }

  @Test
  void evaluate_scoreOfNaN_isAFailure() {
    Metric odd = Metric.of("odd", (e, p) -> e.inputs().getLong("n") == 1 ? Double.NaN : 1);

    Evaluation evaluation = Evaluator.of(numbers(4), odd).evaluate(EvaluatorTest::even, NOTHING);

    assertThat(evaluation.score()).isEqualTo(0.75);
    assertThat(evaluation.rows().get(1).error()).hasMessageContaining("NaN");
    assertThat(evaluation.rows().get(1).prediction()).isNotNull();
  }

  @Test
  void evaluate_errorInAMetric_endsTheEvaluationWithIt() {
    Metric broken =
        Metric.of(
            "broken",
            (e, p) -> {
              throw new AssertionError("bug");
            });

    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(4), broken))) {
      assertThatThrownBy(() -> evaluator.evaluate(EvaluatorTest::even, NOTHING))
          .isInstanceOf(AssertionError.class)
          .hasMessage("bug");
    }
  }

  @Test
  void evaluate_exampleBeyondItsDeadline_isInterruptedAndFails() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .when(
                request -> request.messages().get(1).text().contains("]]\n1\n"),
                ScriptedAnswer.never())
            .otherwise(ScriptedAnswer.text("[[ ## parity ## ]]\neven"))
            .build();
    Predict program = Predict.of("n: int -> parity", model);

    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(6), MATCH))) {
      Evaluation evaluation =
          evaluator.withDeadline(Duration.ofMillis(1500)).evaluate(program, NOTHING);

      assertThat(evaluation.failures()).isEqualTo(1);
      assertThat(evaluation.rows().get(1).error()).isInstanceOf(TimeoutException.class);
      assertThat(model.active()).isZero();
    }
  }

  @Test
  void evaluate_programThatIgnoresItsDeadline_stopsAndSaysSo() {
    CountDownLatch release = new CountDownLatch(1);
    Program deaf =
        (inputs, run) -> {
          boolean waiting = inputs.getLong("n") == 0;
          while (waiting) {
            try {
              waiting = !release.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              waiting = true; // the fault: it goes on
            }
          }
          return even(inputs, run);
        };

    assertThatThrownBy(
            () ->
                Evaluator.of(numbers(10), MATCH)
                    .withConcurrency(2)
                    .withThreads(threads)
                    .withDeadline(Duration.ofMillis(50), Duration.ofMillis(100))
                    .evaluate(deaf, NOTHING))
        .isInstanceOfSatisfying(
            EvaluationStoppedException.class,
            e ->
                assertThat(e.reason())
                    .isEqualTo(EvaluationStoppedException.Reason.DEADLINE_IGNORED));
    release.countDown();
  }

  @Test
  void evaluate_interrupted_leavesNothingRunningAndKeepsTheFlag() throws Exception {
    ScriptedLanguageModel silent =
        ScriptedLanguageModel.builder().otherwise(ScriptedAnswer.never()).build();
    Predict program = Predict.of("n: int -> parity", silent);
    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(50), MATCH).withConcurrency(5))) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicReference<Boolean> flag = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  evaluator.evaluate(program, NOTHING);
                } catch (RuntimeException e) {
                  thrown.set(e);
                  flag.set(Thread.currentThread().isInterrupted());
                }
              });
      int before = silent.requests().size();
      caller.start();
      while (silent.requests().size() < before + 5) {
        Thread.onSpinWait();
      }

      caller.interrupt();
      caller.join(20_000);

      assertThat(caller.isAlive()).isFalse();
      assertThat(thrown.get())
          .isInstanceOfSatisfying(
              EvaluationStoppedException.class,
              e -> assertThat(e.reason()).isEqualTo(EvaluationStoppedException.Reason.CANCELLED));
      assertThat(flag.get()).isTrue();
      assertThat(silent.active()).isZero();
      assertThat(silent.requests()).hasSize(before + 5);
    }
  }

  @Test
  void evaluateAsync_cancelled_cancelsWhatRuns() {
    ScriptedLanguageModel silent =
        ScriptedLanguageModel.builder().otherwise(ScriptedAnswer.never()).build();
    CompletableFuture<Evaluation> future =
        Evaluator.of(numbers(50), MATCH)
            .withConcurrency(5)
            .evaluateAsync(Predict.of("n: int -> parity", silent), NOTHING);
    while (silent.active() < 5) {
      Thread.onSpinWait();
    }

    future.cancel(true);

    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (silent.active() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(silent.active()).isZero();
    assertThat(silent.requests()).hasSize(5);
  }

  @Test
  void evaluate_usageAndCost_areTotalsOverEveryCall() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(
                    LmResponse.of("s", "[[ ## parity ## ]]\neven").withUsage(Usage.of(10, 2))))
            .build();

    Evaluation evaluation =
        Evaluator.of(numbers(30), MATCH)
            .withPrice(response -> 0.5)
            .evaluate(Predict.of("n: int -> parity", model), NOTHING);

    assertThat(evaluation.usage()).isEqualTo(Usage.of(300, 60));
    assertThat(evaluation.cost()).hasValue(15.0);
  }

  @Test
  void evaluate_pricesOfATable_addUpUnlessOneIsMissing() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(
                    LmResponse.of("small", "[[ ## parity ## ]]\neven")
                        .withUsage(Usage.of(1_000_000, 500_000))))
            .build();
    Predict program = Predict.of("n: int -> parity", model);
    Evaluator evaluator = Evaluator.of(numbers(3), MATCH);
    PriceTable prices = PriceTable.EMPTY.with("small", Price.of("0.15", "0.60"));

    assertThat(evaluator.withPrices(prices).evaluate(program, NOTHING).cost().orElseThrow())
        .isCloseTo(3 * 0.45, within(1e-12));
    assertThat(evaluator.withPrices(PriceTable.EMPTY).evaluate(program, NOTHING).cost())
        .as("an unknown price is not zero")
        .isEmpty();
  }

  @Test
  void evaluate_unreadableAnswers_stillCountInTheUsage() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .otherwise(ScriptedAnswer.response(LmResponse.of("s", "?").withUsage(Usage.of(10, 2))))
            .build();

    Evaluation evaluation =
        Evaluator.of(numbers(2), MATCH)
            .evaluate(Predict.of("n: int -> parity", model).with("fallback", false), NOTHING);

    assertThat(evaluation.failures()).isEqualTo(2);
    assertThat(evaluation.usage())
        .as("two calls each: question and repair")
        .isEqualTo(Usage.of(40, 8));
  }

  @Test
  void evaluate_commonRandomNumbers_giveEachExampleItsOwnSeedEveryTime() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.answeringWith(request -> "[[ ## parity ## ]]\neven");
    Evaluator evaluator =
        Evaluator.of(numbers(20), MATCH).withConcurrency(1).withCommonRandomNumbers(7);
    Predict program = Predict.of("n: int -> parity", model);

    evaluator.evaluate(program, NOTHING);
    evaluator.evaluate(program.with("temperature", 1.0), NOTHING);

    List<Long> seeds = model.requests().stream().map(r -> r.options().seed()).toList();
    assertThat(seeds.subList(0, 20)).doesNotHaveDuplicates().isEqualTo(seeds.subList(20, 40));
    assertThatThrownBy(() -> evaluator.evaluate(EvaluatorTest::even, NOTHING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("seed");
  }

  @Test
  void evaluate_callOptions_reachEveryRun() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.answeringWith(request -> "[[ ## parity ## ]]\neven");

    Evaluator.of(numbers(3), MATCH)
        .withCallOptions(CallOptions.NONE.with("temperature", 0.0))
        .evaluate(Predict.of("n: int -> parity", model), NOTHING);

    assertThat(model.requests()).allMatch(r -> r.options().temperature() == 0.0);
  }

  @Test
  void evaluate_progress_isToldInOrderUpToTheEnd() {
    List<Progress.State> states = Collections.synchronizedList(new ArrayList<>());

    Evaluator.of(numbers(50), MATCH)
        .withConcurrency(10)
        .withProgress(states::add)
        .evaluate(EvaluatorTest::even, NOTHING);

    assertThat(states).extracting(Progress.State::done).isSorted();
    assertThat(states.get(states.size() - 1)).isEqualTo(new Progress.State(50, 50, 0, 0.5));
  }

  @Test
  void evaluate_asyncMetric_isAwaitedWithinTheSlot() {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Metric slow =
        Metric.async(
            "slow",
            (example, prediction) -> {
              most.accumulateAndGet(open.incrementAndGet(), Math::max);
              return CompletableFuture.supplyAsync(
                      () -> Score.of(1, "fine"),
                      CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS))
                  .whenComplete((score, error) -> open.decrementAndGet());
            });

    for (Evaluator evaluator : bothWays(Evaluator.of(numbers(30), slow).withConcurrency(3))) {
      Evaluation evaluation = evaluator.evaluate(EvaluatorTest::even, NOTHING);

      assertThat(evaluation.score()).isEqualTo(1);
      assertThat(evaluation.rows()).allMatch(row -> row.feedback().equals("fine"));
      assertThat(most.get()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void evaluate_manyInstantAnswers_doNotOverflowTheStack() {
    Evaluation evaluation =
        Evaluator.of(numbers(20_000), MATCH)
            .withConcurrency(1)
            .evaluate(EvaluatorTest::even, NOTHING);

    assertThat(evaluation.rows()).hasSize(20_000);
  }
}
