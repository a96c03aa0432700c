package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.tck.LanguageModelContract;
import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every public method of this package that may block gives way to an interrupt. */
class InterruptionTest {

  private static final int ROUNDS =
      "long".equals(System.getProperty("trimtab.profile")) ? 1_000 : 20;
  private static final Duration PROMPTLY = Duration.ofSeconds(1);
  private static final LmRequest ASK = LmRequest.of("?");

  /** How each blocking method is made to block: given a model that never answers. */
  private static final Map<String, Function<ScriptedLanguageModel, Runnable>> BLOCKING =
      Map.of(
          "ScriptedLanguageModel.generate",
          silent -> () -> silent.generate(ASK),
          "ResilientLanguageModel.generate",
          silent -> asking(ResilientLanguageModel.lm(silent)),
          "CachingLanguageModel.generate",
          silent -> asking(CachingLanguageModel.of(silent)),
          "FallbackLanguageModel.generate",
          silent -> asking(FallbackLanguageModel.of(silent, silent)),
          "HedgedLanguageModel.generate",
          silent -> asking(HedgedLanguageModel.of(silent, Duration.ofMillis(1))),
          "LmFutures.await",
          silent -> () -> LmFutures.await(silent.generateAsync(ASK), silent.key()));

  /** These compute and return; there is nothing in them to wait for. */
  private static final Set<String> NEVER_WAIT =
      Set.of("LanguageModel.generate", "EmbeddedLanguageModel.generate");

  private static Runnable asking(LanguageModel model) {
    return () -> model.generate(ASK);
  }

  @Test
  void everyBlockingMethod_isCovered() throws Exception {
    Set<String> found = new TreeSet<>();
    for (Class<?> type : publicTypes()) {
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers()) && !method.isBridge() && mayBlock(method)) {
          found.add(type.getSimpleName() + "." + method.getName());
        }
      }
    }

    Set<String> known = new TreeSet<>(BLOCKING.keySet());
    known.addAll(NEVER_WAIT);
    assertThat(known).containsAll(found);
    assertThat(found).containsAll(BLOCKING.keySet());
  }

  private static boolean mayBlock(Method method) {
    boolean answers =
        method.getReturnType() == LmResponse.class
            && List.of(method.getParameterTypes()).contains(LmRequest.class);
    return answers || Set.of("await", "join", "get", "take", "acquire").contains(method.getName());
  }

  private static List<Class<?>> publicTypes() throws Exception {
    URL folder = LanguageModel.class.getResource("LanguageModel.class");
    File[] files = new File(folder.toURI()).getParentFile().listFiles();
    List<Class<?>> types = new ArrayList<>();
    for (File file : files) {
      String name = file.getName().replace(".class", "");
      if (!name.endsWith("-info")) {
        Class<?> type = Class.forName("io.trimtab.lm." + name);
        if (Modifier.isPublic(type.getModifiers())) {
          types.add(type);
        }
      }
    }
    return types;
  }

  @TestFactory
  Stream<DynamicTest> everyBlockingMethod_givesWayToAnInterrupt() {
    return BLOCKING.entrySet().stream()
        .map(
            method ->
                DynamicTest.dynamicTest(
                    method.getKey(), () -> assertThat(check(method.getValue())).isEmpty()));
  }

  /** Interrupts a call at random points and returns everything that is wrong. */
  private static List<String> check(Function<ScriptedLanguageModel, Runnable> method)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(42);
    List<String> wrong = new ArrayList<>();
    for (int round = 0; round < ROUNDS && wrong.isEmpty(); round++) {
      ScriptedLanguageModel silent =
          ScriptedLanguageModel.builder().otherwise(ScriptedAnswer.never()).build();
      Runnable call = method.apply(silent);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicReference<Boolean> flag = new AtomicReference<>(false);
      Thread caller =
          new Thread(
              () -> {
                try {
                  call.run();
                } catch (RuntimeException | Error e) {
                  thrown.set(e);
                }
                flag.set(Thread.currentThread().isInterrupted());
              });
      caller.setDaemon(true);
      caller.start();
      LockSupport.parkNanos(random.nextInt(2_000_000));
      caller.interrupt();
      caller.join(PROMPTLY.toMillis());
      if (caller.isAlive()) {
        wrong.add("still there after " + PROMPTLY);
      } else if (!(thrown.get() instanceof LmCancelledException e && e.interrupted())) {
        wrong.add("threw " + thrown.get());
      } else if (!flag.get()) {
        wrong.add("lost the interrupt flag");
      } else if (silent.active() > 0) {
        wrong.add("left %d exchanges open".formatted(silent.active()));
      }
    }
    return wrong;
  }

  @Test
  void aMethodThatWaitsOn_isCaught() throws Exception {
    assertThat(check(silent -> () -> silent.generateAsync(ASK).join()))
        .containsExactly("still there after PT1S");
  }

  @Test
  void aMethodThatSwallowsTheFlag_isCaught() throws Exception {
    assertThat(
            check(
                silent ->
                    () -> {
                      try {
                        silent.generate(ASK);
                      } finally {
                        Thread.interrupted();
                      }
                    }))
        .containsExactly("lost the interrupt flag");
  }

  @Test
  void aMethodThatLeavesTheExchangeOpen_isCaught() throws Exception {
    assertThat(
            check(
                silent ->
                    () -> {
                      CompletableFuture<LmResponse> answer = silent.generateAsync(ASK);
                      try {
                        answer.get();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new LmCancelledException(
                            "interrupted", true, LmErrorOrigin.of(silent.key()), e);
                      } catch (ExecutionException e) {
                        throw new AssertionError(e);
                      }
                    }))
        .containsExactly("left 1 exchanges open");
  }

  @Test
  void anInterruptDuringTheWaitForARetry_endsTheCall() throws Exception {
    ScriptedLanguageModel failing =
        ScriptedLanguageModel.builder()
            .otherwise(ScriptedAnswer.failure(Failures.server()))
            .build();
    LanguageModel guarded =
        ResilientLanguageModel.builder(failing)
            .retrying(3)
            .backoff(Duration.ofMinutes(1), Duration.ofMinutes(1))
            .build();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                guarded.generate(ASK);
              } catch (RuntimeException e) {
                thrown.set(e);
              }
            });
    caller.setDaemon(true);
    caller.start();
    LanguageModelContract.until("the first failure", () -> failing.requests().size() == 1);

    caller.interrupt();
    caller.join(5_000);

    assertThat(thrown.get()).isInstanceOf(LmCancelledException.class);
  }
}
