package io.trimtab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.evaluate.Evaluation.Row;
import io.trimtab.lm.Usage;
import io.trimtab.program.Example;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Prediction;
import io.trimtab.program.Program;
import io.trimtab.program.Run;
import io.trimtab.variable.VariableSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checks of an evaluator find an evaluator that loses, repeats, reorders or swallows. */
@Timeout(120)
class EvaluatorPlantedFaultsTest {

  private static final int EXAMPLES = 60;

  /** Whatever runs a program over a dataset. */
  private interface Subject {
    Evaluation evaluate(Dataset dataset, Metric metric, Program program, int concurrency);
  }

  private static Evaluation real(Dataset dataset, Metric metric, Program program, int concurrency) {
    return Evaluator.of(dataset, metric)
        .withConcurrency(concurrency)
        .evaluate(program, VariableSource.empty());
  }

  /** Counts runs per example; the first ones end last, every tenth fails. */
  private static final class Recorder implements Program {
    private final Map<Long, AtomicInteger> runs = new ConcurrentHashMap<>();
    private final CountDownLatch othersFirst = new CountDownLatch(EXAMPLES / 2);

    @Override
    public Prediction forward(FieldValues inputs, Run run) {
      long n = inputs.getLong("n");
      int times = runs.computeIfAbsent(n, key -> new AtomicInteger()).incrementAndGet();
      if (n == 0 && times == 1) {
        awaitOthers();
      } else {
        othersFirst.countDown();
      }
      if (n % 10 == 9) {
        throw new IllegalStateException("example " + n);
      }
      return Prediction.of(Map.of("n", n));
    }

    private void awaitOthers() {
      try {
        assertThat(othersFirst.await(60, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void check(Subject subject) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < EXAMPLES; i++) {
      examples.add(Example.of(Map.of("n", i), Map.of()));
    }
    Recorder recorder = new Recorder();
    Metric one = Metric.of("one", (example, prediction) -> 1);

    Evaluation evaluation = subject.evaluate(Dataset.of(examples), one, recorder, 8);

    assertThat(evaluation.rows()).as("a row per example").hasSize(EXAMPLES);
    for (int i = 0; i < EXAMPLES; i++) {
      Row row = evaluation.rows().get(i);
      assertThat(row.example()).as("rows in the dataset's order").isEqualTo(examples.get(i));
      assertThat(row.failed()).as("failures are seen").isEqualTo(i % 10 == 9);
      if (!row.failed()) {
        assertThat(row.prediction().getLong("n")).as("each row its own answer").isEqualTo(i);
      }
    }
    assertThat(recorder.runs).hasSize(EXAMPLES);
    assertThat(recorder.runs.values())
        .as("each example runs once")
        .allMatch(count -> count.get() == 1);
    assertThat(evaluation.score()).as("failures count 0").isEqualTo(0.9);
  }

  @Test
  void check_theEvaluator_passes() {
    check(EvaluatorPlantedFaultsTest::real);
  }

  /** Evaluators with one fault each. */
  private enum Fault implements Subject {
    LOSES_THE_LAST_ROW {
      @Override
      List<Row> changed(List<Row> rows) {
        return rows.subList(0, rows.size() - 1);
      }
    },
    COUNTS_ONLY_SUCCESSES {
      @Override
      List<Row> changed(List<Row> rows) {
        return rows.stream().filter(row -> !row.failed()).toList();
      }
    },
    SWALLOWS_ERRORS {
      @Override
      List<Row> changed(List<Row> rows) {
        return rows.stream()
            .map(r -> new Row(r.index(), r.example(), r.prediction(), r.score(), "", null))
            .toList();
      }
    },
    GIVES_A_ROW_ANOTHERS_ANSWER {
      @Override
      List<Row> changed(List<Row> rows) {
        return rows.stream()
            .map(
                r ->
                    new Row(
                        r.index(), r.example(), rows.get(1).prediction(), r.score(), "", r.error()))
            .toList();
      }
    },
    KEEPS_THE_ORDER_OF_COMPLETION {
      @Override
      public Evaluation evaluate(Dataset dataset, Metric metric, Program program, int concurrency) {
        ExecutorService pool = Executors.newFixedThreadPool(concurrency);
        List<Row> rows = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Future<?>> futures = new ArrayList<>();
        for (Example example : dataset) {
          futures.add(pool.submit(() -> rows.add(row(example, program))));
        }
        join(futures);
        pool.shutdown();
        return result(rows);
      }
    },
    RESUBMITS_STRAGGLERS {
      @Override
      public Evaluation evaluate(Dataset dataset, Metric metric, Program program, int concurrency) {
        row(dataset.examples().get(5), program);
        return real(dataset, metric, program, concurrency);
      }
    };

    List<Row> changed(List<Row> rows) {
      return rows;
    }

    @Override
    public Evaluation evaluate(Dataset dataset, Metric metric, Program program, int concurrency) {
      return result(changed(real(dataset, metric, program, concurrency).rows()));
    }

    private static Evaluation result(List<Row> rows) {
      return new Evaluation("one", rows, Usage.UNKNOWN, OptionalDouble.empty(), Duration.ZERO);
    }

    private static Row row(Example example, Program program) {
      try {
        Prediction prediction = program.run(example.inputs(), VariableSource.empty());
        return new Row(0, example, prediction, 1, "", null);
      } catch (IllegalStateException e) {
        return new Row(0, example, null, 0, "", e);
      }
    }

    private static void join(List<Future<?>> futures) {
      for (Future<?> future : futures) {
        try {
          future.get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void check_anEvaluatorWithAFault_isCaught(Fault fault) {
    assertThatThrownBy(() -> check(fault)).isInstanceOf(AssertionError.class);
  }
}
