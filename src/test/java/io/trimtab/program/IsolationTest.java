package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.ScriptedAnswer;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.variable.VariableSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One program, 64 threads, 64 sources: every request carries the values of its own source. */
@Timeout(120)
class IsolationTest {

  private static final int THREADS = 64;
  private static final int RUNS = 100;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  /** Answers with the options it was sent, so that each run can see whose they were. */
  private static final ScriptedLanguageModel MIRROR =
      ScriptedLanguageModel.builder()
          .otherwise(
              ScriptedAnswer.from(
                  request -> LmResponse.of("mirror", "[[ ## answer ## ]]\n" + mirrored(request))))
          .build();

  private static String mirrored(LmRequest request) {
    return "%s %s %s"
        .formatted(
            request.options().temperature(),
            request.options().maxTokens(),
            request.messages().get(0).text().contains("{reasoning}") ? "thought" : "plain");
  }

  /** Runs a program as user {@code id} and tells whether the answer shows another's values. */
  private static boolean mixed(Program program, int id) {
    String module = id % 2 == 0 ? "Predict" : "CoT";
    VariableSource source =
        VariableSource.of(Map.of("t", id / 100.0, "m", 1000 + id, "strategy", module));
    String expected =
        "%s %d %s".formatted(id / 100.0, 1000 + id, id % 2 == 0 ? "plain" : "thought");
    String answer = program.run(Map.of("question", "who?"), source).getString("answer");
    return !answer.equals(expected);
  }

  private int mixedRuns(Program program) throws Exception {
    AtomicInteger mixed = new AtomicInteger();
    List<Callable<Void>> users =
        IntStream.range(0, THREADS)
            .<Callable<Void>>mapToObj(
                id ->
                    () -> {
                      for (int run = 0; run < RUNS; run++) {
                        mixed.addAndGet(mixed(program, id) ? 1 : 0);
                      }
                      return null;
                    })
            .toList();
    for (Future<Void> user : threads.invokeAll(users, 100, TimeUnit.SECONDS)) {
      user.get();
    }
    return mixed.get();
  }

  @Test
  void run_manyThreadsWithTheirOwnSources_neverMix() throws Exception {
    Predict repairing = Predict.of("question -> answer", MIRROR).with("fallback", false);
    Program program =
        ModuleProgram.of(repairing.with("repairs", 0))
            .bind("module", "strategy")
            .bind("temperature", "t")
            .bind("max_tokens", "m");

    // A reasoning module asks for a field the mirror never gives: let it be optional here.
    ModuleCatalog lenient =
        ModuleCatalog.standard()
            .with(
                "ChainOfThought",
                predict ->
                    predict.withSignature(
                        predict
                            .signature()
                            .prependOutput(Field.of("reasoning", "str").withDefault(""))),
                "CoT");
    Program shared =
        ModuleProgram.of(program.predictors().get(0), lenient).bind("module", "strategy");

    assertThat(mixedRuns(shared)).isZero();
  }

  /** The fault that bindings must not have: values are written onto the shared program first. */
  private static final class Mutated implements Program {
    private volatile Object temperature = 0.0;
    private volatile Object maxTokens = 1;
    private volatile boolean reasons;
    private final Predict predict = Predict.of("question -> answer", MIRROR);

    @Override
    public Prediction forward(FieldValues inputs, Run run) {
      temperature = run.source().getDouble("t");
      maxTokens = run.source().getLong("m");
      reasons = run.source().getString("strategy").equals("CoT");
      Thread.yield();
      Predict now = predict.with("temperature", temperature).with("max_tokens", maxTokens);
      return reasons
          ? now.withSignature(
                  now.signature().prependOutput(Field.of("reasoning", "str").withDefault("")))
              .forward(inputs, run)
          : now.forward(inputs, run);
    }
  }

  @Test
  void checker_aProgramThatWritesValuesOntoItself_isCaught() throws Exception {
    assertThat(mixedRuns(new Mutated())).isPositive();
  }
}
