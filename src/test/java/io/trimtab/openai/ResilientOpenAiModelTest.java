package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.BreakerState;
import io.trimtab.lm.LmCircuitOpenException;
import io.trimtab.lm.LmInvalidRequestException;
import io.trimtab.lm.LmLimits;
import io.trimtab.lm.LmQuotaExhaustedException;
import io.trimtab.lm.LmRateLimitedException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.LmServerException;
import io.trimtab.lm.ResilientLanguageModel;
import io.trimtab.tck.LanguageModelContract;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole stack over real HTTP: breaker, retries and bulkhead around the client. */
final class ResilientOpenAiModelTest {

  private static final byte[] OK = RawServer.json(RawServer.answer("ok"));
  private static final LmRequest ASK = LmRequest.of("x");

  private final Deque<byte[]> script = new ConcurrentLinkedDeque<>();
  private final ManualLmClock clock = new ManualLmClock();

  private static byte[] status(String status, String headers) {
    return RawServer.response(status, headers, "{\"error\":{\"message\":\"scripted\"}}");
  }

  private void then(int times, byte[] response) {
    for (int i = 0; i < times; i++) {
      script.add(response);
    }
  }

  private RawServer server() {
    return new RawServer(
        peer -> {
          while (peer.readRequest() != null) {
            byte[] next = script.poll();
            peer.write(next == null ? OK : next);
          }
        });
  }

  private ResilientLanguageModel guarded(RawServer server, int attempts, LmLimits limits) {
    return ResilientLanguageModel.builder(OpenAiModelTest.at(server).build())
        .limits(limits)
        .retrying(attempts)
        .build();
  }

  private LmLimits limits() {
    return LmLimits.builder().clock(clock).build();
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void fiveServerErrors_openTheBreaker_whichHalfOpensAndCloses(Form form) throws Throwable {
    LmLimits limits = limits();
    then(5, status("500 Internal Server Error", ""));
    try (RawServer server = server();
        ResilientLanguageModel model = guarded(server, 1, limits)) {
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> form.ask(model, ASK)).isInstanceOf(LmServerException.class);
      }

      assertThatThrownBy(() -> form.ask(model, ASK)).isInstanceOf(LmCircuitOpenException.class);
      assertThat(server.requests()).as("the open breaker asks nobody").hasSize(5);
      assertThat(limits.state(model.key()).breaker()).isEqualTo(BreakerState.OPEN);

      clock.advance(Duration.ofSeconds(31));
      assertThat(form.ask(model, ASK).text()).isEqualTo("ok");
      assertThat(limits.state(model.key()).breaker()).isEqualTo(BreakerState.CLOSED);
      assertThat(form.ask(model, ASK).text()).isEqualTo("ok");
    }
  }

  @Test
  void failedProbe_opensTheBreakerAgain() throws Throwable {
    LmLimits limits = limits();
    then(6, status("503 Unavailable", ""));
    try (RawServer server = server();
        ResilientLanguageModel model = guarded(server, 1, limits)) {
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmServerException.class);
      }
      clock.advance(Duration.ofSeconds(31));

      assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmServerException.class);

      assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
    }
  }

  @Test
  void badRequests_neverOpenTheBreaker() throws Throwable {
    LmLimits limits = limits();
    then(50, status("400 Bad Request", ""));
    try (RawServer server = server();
        ResilientLanguageModel model = guarded(server, 3, limits)) {
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmInvalidRequestException.class);
      }

      assertThat(limits.state(model.key()).breaker()).isEqualTo(BreakerState.CLOSED);
      assertThat(server.requests()).as("no retries").hasSize(50);
      assertThat(model.generate(ASK).text()).isEqualTo("ok");
    }
  }

  @Test
  void rateLimited_waitsAsLongAsTheServerAsks() throws Throwable {
    then(1, status("429 Too Many Requests", "Retry-After: 7\r\n"));
    try (RawServer server = server();
        ResilientLanguageModel model = guarded(server, 3, limits())) {
      CompletableFuture<LmResponse> answer =
          model.generateAsync(ASK.withTimeout(Duration.ofMinutes(1)));
      // the sweep of deadlines is one task on the clock, the wait for the retry the other
      await(() -> server.requests().size() == 1 && clock.pending() > 1);

      clock.advance(Duration.ofMillis(6900));
      assertThat(answer).isNotDone();
      assertThat(server.requests()).hasSize(1);
      clock.advance(Duration.ofMillis(400)); // callers are spread over a quarter of a second

      assertThat(answer.get(10, TimeUnit.SECONDS).text()).isEqualTo("ok");
    }
  }

  @Test
  void rateLimited_waitThatDoesNotFitTheDeadline_failsNowWithIt() throws Throwable {
    then(1, status("429 Too Many Requests", "Retry-After: 600\r\n"));
    try (RawServer server = server();
        ResilientLanguageModel model = guarded(server, 3, limits())) {

      assertThatThrownBy(() -> model.generate(ASK.withTimeout(Duration.ofSeconds(30))))
          .isInstanceOfSatisfying(
              LmRateLimitedException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofMinutes(10)));
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void quotaExhausted_isNeverRetried() throws Throwable {
    then(
        1,
        RawServer.response(
            "429 Too Many Requests", "", "{\"error\":{\"code\":\"insufficient_quota\"}}"));
    try (RawServer server = server();
        ResilientLanguageModel model = guarded(server, 3, limits())) {

      assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmQuotaExhaustedException.class);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void abandonedStreamsAndCancelledCalls_freeTheirSlots() throws Throwable {
    LmLimits one = LmLimits.builder().concurrency(1).build();
    RawServer.Script streaming =
        peer -> {
          for (var request = peer.readRequest(); request != null; request = peer.readRequest()) {
            if (request.body().contains("silent")) {
              peer.write(RawServer.SSE_HEAD);
              peer.delta("a");
              peer.hang();
            }
            peer.write(OK);
          }
        };
    try (RawServer server = new RawServer(streaming);
        ResilientLanguageModel model = guarded(server, 1, one)) {
      for (int i = 0; i < 5; i++) {
        Collected stream = Collected.of(model.stream(LmRequest.of("silent")));
        RawServer.await(stream.first);
        stream.subscription.get().cancel();
        await(() -> one.state(model.key()).freeSlots() == 1);
        model.generateAsync(LmRequest.of("silent")).cancel(true);
        await(() -> one.state(model.key()).freeSlots() == 1);
      }

      assertThat(model.generate(ASK).text()).isEqualTo("ok");
    }
  }

  private static void await(BooleanSupplier condition) {
    LanguageModelContract.until("the condition", condition);
  }
}
