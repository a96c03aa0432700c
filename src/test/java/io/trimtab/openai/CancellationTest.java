package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LmCancelledException;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.LmTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever no longer wants an answer stops paying for it at once. */
final class CancellationTest {

  private static final LmRequest ASK = LmRequest.of("x");

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch hungUp = new CountDownLatch(1);

  /** Says the given words and then nothing, and notes when the client hangs up. */
  private RawServer silentAfter(String words) {
    return new RawServer(
        peer -> {
          peer.readRequest();
          peer.write(words);
          asked.countDown();
          peer.awaitHangUp();
          hungUp.countDown();
        });
  }

  /** Where a call can be when it is cancelled: before the headers, after them, within the body. */
  private static final String BEFORE = "";

  private static final String AFTER = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  private static final String WITHIN = AFTER + "{\"choices\":";

  @ParameterizedTest
  @ValueSource(strings = {BEFORE, AFTER, WITHIN})
  void interrupt_returnsAtOnceWithTheFlagSet(String words) throws Throwable {
    try (RawServer server = silentAfter(words);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      CompletableFuture<String> outcome = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  model.generate(ASK);
                } catch (LmCancelledException e) {
                  outcome.complete(e.interrupted() + " " + Thread.currentThread().isInterrupted());
                } catch (Throwable e) {
                  outcome.completeExceptionally(e);
                }
              });
      caller.start();
      RawServer.await(asked);

      long start = System.nanoTime();
      caller.interrupt();

      assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo("true true");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      RawServer.await(hungUp);
    }
  }

  @Test
  void interrupt_atAnyPoint_isPromptAndLeavesTheModelUsable() throws Throwable {
    int rounds = System.getProperty("trimtab.profile", "short").equals("long") ? 5000 : 200;
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (RawServer server =
            new RawServer(RawServer.always(RawServer.json(RawServer.answer("fine"))));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      for (int round = 0; round < rounds; round++) {
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        Thread caller = new Thread(() -> outcome.complete(askUntilInterrupted(model)));
        caller.start();
        LockSupport.parkNanos(random.nextInt(2_000_000));
        caller.interrupt();

        assertThat(outcome.get(5, TimeUnit.SECONDS)).as("seed %d, flag kept", seed).isTrue();
      }
      assertThat(model.generate(ASK).text()).isEqualTo("fine");
    }
  }

  /** Returns whether the interrupt ended the call with the flag set. */
  private static boolean askUntilInterrupted(OpenAiModel model) {
    while (true) {
      try {
        model.generate(ASK);
      } catch (LmCancelledException e) {
        return e.interrupted() && Thread.currentThread().isInterrupted();
      }
    }
  }

  @Test
  void generate_interruptedBefore_asksNothing() throws Throwable {
    try (RawServer server = silentAfter(BEFORE);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmCancelledException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {BEFORE, AFTER, WITHIN})
  void cancelFuture_closesTheExchange(String words) throws Throwable {
    try (RawServer server = silentAfter(words);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      CompletableFuture<LmResponse> future = model.generateAsync(ASK);
      RawServer.await(asked);

      future.cancel(false);

      RawServer.await(hungUp);
    }
  }

  @Test
  void orTimeout_onTheFuture_closesTheExchange() throws Throwable {
    try (RawServer server = silentAfter(WITHIN);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      CompletableFuture<LmResponse> future =
          model.generateAsync(ASK).orTimeout(50, TimeUnit.MILLISECONDS);

      RawServer.await(hungUp);
      assertThat(future).isCompletedExceptionally();
    }
  }

  @Test
  void cancel_oneOfMany_leavesTheOthersAlone() throws Throwable {
    CountDownLatch release = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          String body = peer.readRequest().body();
          RawServer.await(release);
          peer.write(RawServer.json(RawServer.answer(body.contains("keep") ? "kept" : "gone")));
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      CompletableFuture<LmResponse> kept = model.generateAsync(LmRequest.of("keep"));
      CompletableFuture<LmResponse> dropped = model.generateAsync(LmRequest.of("drop"));

      dropped.cancel(true);
      release.countDown();

      assertThat(kept.get(10, TimeUnit.SECONDS).text()).isEqualTo("kept");
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void timeoutOption_boundsTheWholeCall(Form form) throws Throwable {
    try (RawServer server = silentAfter(WITHIN);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      LmRequest request = ASK.withTimeout(Duration.ofMillis(150));

      assertThatThrownBy(() -> form.ask(model, request))
          .isInstanceOfSatisfying(
              LmTimeoutException.class,
              e -> {
                assertThat(e.deadline()).isEqualTo(LmTimeoutException.Deadline.OVERALL);
                assertThat(e.limit()).isEqualTo(Duration.ofMillis(150));
                assertThat(e.retryable()).isFalse();
              });
      RawServer.await(hungUp);
    }
  }

  @Test
  void timeoutOption_longerThanTheAttempt_leavesTheAttemptsDeadlineInForce() throws Throwable {
    try (RawServer server = silentAfter(BEFORE);
        OpenAiModel model =
            OpenAiModelTest.at(server)
                .defaults(LmOptions.builder().timeout(Duration.ofMinutes(1)).build())
                .deadlines(Deadlines.DEFAULT.withTotal(Duration.ofMillis(100)))
                .build()) {
      assertThatThrownBy(() -> model.generate(ASK))
          .isInstanceOfSatisfying(
              LmTimeoutException.class,
              e -> assertThat(e.deadline()).isEqualTo(LmTimeoutException.Deadline.ATTEMPT));
    }
  }

  @Test
  void firstHeaderDeadline_isTold() throws Throwable {
    try (RawServer server = silentAfter(BEFORE);
        OpenAiModel model =
            OpenAiModelTest.at(server).deadlines(HostileServerCheck.DEADLINES).build()) {
      for (Form form : Form.values()) {
        assertThatThrownBy(() -> form.ask(model, ASK))
            .isInstanceOfSatisfying(
                LmTimeoutException.class,
                e -> assertThat(e.deadline()).isEqualTo(LmTimeoutException.Deadline.FIRST_BYTE));
      }
    }
  }

  @Test
  void close_endsCallsUnderWay() throws Throwable {
    try (RawServer server = silentAfter(WITHIN)) {
      OpenAiModel model = OpenAiModelTest.at(server).build();
      CompletableFuture<LmResponse> async = model.generateAsync(ASK);
      Collected stream = Collected.of(model.stream(ASK));
      CompletableFuture<LmResponse> blocking =
          CompletableFuture.supplyAsync(
              () -> model.generate(ASK), task -> new Thread(task).start());
      RawServer.await(asked);

      model.close();
      model.close();

      assertThatThrownBy(() -> async.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(LmCancelledException.class);
      assertThatThrownBy(() -> stream.over.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(LmCancelledException.class);
      // The blocking call may not have got in before the model was closed.
      assertThatThrownBy(() -> blocking.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfAny(LmCancelledException.class, IllegalStateException.class);
    }
  }

  /** The second call of a thread: before JDK 21 it waits for its headers in another way. */
  @ParameterizedTest
  @ValueSource(strings = {BEFORE, AFTER, WITHIN})
  void close_endsABlockingCallInEveryPhase(String words) throws Throwable {
    AtomicInteger requests = new AtomicInteger();
    RawServer.Script script =
        peer -> {
          while (peer.readRequest() != null) {
            if (requests.incrementAndGet() == 1) {
              peer.write(RawServer.json(RawServer.answer("first")));
            } else {
              peer.write(words);
              asked.countDown();
              peer.awaitHangUp();
              hungUp.countDown();
            }
          }
        };
    try (RawServer server = new RawServer(script)) {
      OpenAiModel model = OpenAiModelTest.at(server).build();
      model.generate(ASK);
      CompletableFuture<String> outcome = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  model.generate(ASK);
                } catch (LmCancelledException e) {
                  outcome.complete(e.interrupted() + " " + Thread.currentThread().isInterrupted());
                } catch (Throwable e) {
                  outcome.completeExceptionally(e);
                }
              });
      caller.start();
      RawServer.await(asked);

      model.close();

      assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo("false false");
      RawServer.await(hungUp);
    }
  }

  @Test
  void subscriberThatThrowsAnError_takesNoDeadlineAway() throws Throwable {
    try (RawServer server = silentAfter(BEFORE);
        OpenAiModel model = OpenAiModelTest.at(server).executor(Runnable::run).build()) {
      LmRequest request = ASK.withTimeout(Duration.ofMillis(50));
      CountDownLatch told = new CountDownLatch(1);
      model.stream(request)
          .subscribe(
              new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                  subscription.request(1);
                }

                @Override
                public void onNext(LmChunk chunk) {}

                @Override
                public void onError(Throwable failure) {
                  told.countDown();
                  throw new AssertionError("a fault of the subscriber");
                }

                @Override
                public void onComplete() {}
              });
      RawServer.await(told);

      assertThatThrownBy(() -> model.generateAsync(request).get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(LmTimeoutException.class);
    }
  }

  @Test
  void callsAfterClose_areRefused() throws Throwable {
    try (RawServer server = silentAfter(BEFORE)) {
      OpenAiModel model = OpenAiModelTest.at(server).build();
      Flow.Publisher<LmChunk> early = model.stream(ASK);
      model.close();

      assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> model.generateAsync(ASK)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> model.stream(ASK)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> Collected.of(early).response())
          .isInstanceOf(LmCancelledException.class);
    }
  }
}
