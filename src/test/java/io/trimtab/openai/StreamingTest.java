package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class StreamingTest {

  private static final LmRequest ASK = LmRequest.of("x");

  @Test
  void stream_firstToken_arrivesBeforeTheServerGoesOn() throws Throwable {
    CountDownLatch seen = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          peer.delta("first");
          RawServer.await(seen); // says nothing more until the client has had the first
          peer.delta(" second");
          peer.finish("stop");
          peer.event("[DONE]");
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Collected collected = Collected.of(model.stream(ASK));

      RawServer.await(collected.first);
      assertThat(collected.chunks).containsExactly(new LmChunk.TextDelta(0, "first"));
      seen.countDown();

      assertThat(collected.response().text()).isEqualTo("first second");
    }
  }

  @Test
  void stream_end_comesWithDoneNotWithTheEndOfTheConnection() throws Throwable {
    CountDownLatch told = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          peer.delta("a");
          peer.finish("stop");
          peer.event("[DONE]");
          RawServer.await(told);
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThat(Form.STREAM.ask(model, ASK).text()).isEqualTo("a");
      told.countDown();
    }
  }

  @Test
  void stream_serverThatNeitherSaysDoneNorHangsUp_endsAfterItsFinishReason() throws Throwable {
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          peer.delta("a");
          peer.finish("stop");
          peer.hang();
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThat(Form.STREAM.ask(model, ASK).text()).isEqualTo("a");
      assertThat(server.awaitQuiet(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void stream_notSubscribed_sendsNothing() throws Throwable {
    try (RawServer server = new RawServer(RawServer.always(RawServer.json(RawServer.answer("a"))));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Flow.Publisher<LmChunk> stream = model.stream(ASK);
      stream.subscribe(new Collected(0));
      assertThat(server.connections()).isZero();

      assertThat(Collected.of(stream).response().text()).isEqualTo("a");
      assertThat(Collected.of(stream).response().text()).isEqualTo("a");
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void stream_demand_isHonouredPieceByPiece() throws Throwable {
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          for (int i = 0; i < 5; i++) {
            peer.delta("p" + i);
          }
          peer.finish("stop");
          peer.event("[DONE]");
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Collected collected = new Collected(1);
      model.stream(ASK).subscribe(collected);
      RawServer.await(collected.first);
      Flow.Subscription subscription = collected.subscription.get();
      assertThat(collected.chunks).hasSize(1);

      subscription.request(2);
      subscription.request(100);

      assertThat(collected.response().text()).isEqualTo("p0p1p2p3p4");
    }
  }

  @Test
  void stream_slowSubscriber_slowsTheServerDownAndLosesNothing() throws Throwable {
    int pieces = 20_000;
    AtomicLong sent = new AtomicLong();
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          for (int i = 0; i < pieces; i++) {
            peer.delta("0123456789".repeat(50));
            sent.incrementAndGet();
          }
          peer.finish("stop");
          peer.event("[DONE]");
        };
    Deadlines shortIdle =
        new Deadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            Duration.ofMinutes(1));
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).deadlines(shortIdle).build()) {
      Collected collected = new Collected(1);
      model.stream(ASK).subscribe(collected);
      RawServer.await(collected.first);

      // Nothing is asked for three times as long as the server might be silent. It is not the
      // silent one.
      assertThatThrownBy(() -> collected.over.get(600, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(sent.get()).isLessThan(pieces);
      collected.subscription.get().request(Long.MAX_VALUE);

      assertThat(collected.response().text()).hasSize(pieces * 500);
    }
  }

  @Test
  void stream_silentServer_failsWithIdleDeadline() throws Throwable {
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          peer.delta("a");
          peer.hang();
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model =
            OpenAiModelTest.at(server).deadlines(HostileServerCheck.DEADLINES).build()) {
      Collected collected = Collected.of(model.stream(ASK));

      assertThatThrownBy(collected::response)
          .isInstanceOfSatisfying(
              LmTimeoutException.class,
              e -> assertThat(e.deadline()).isEqualTo(LmTimeoutException.Deadline.IDLE));
      assertThat(collected.text()).isEqualTo("a");
      assertThat(collected.endings).hasValue(1);
    }
  }

  @Test
  void cancel_duringTheStream_closesTheExchangeAndSignalsNothingMore() throws Throwable {
    CountDownLatch hungUp = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          peer.delta("a");
          peer.awaitHangUp();
          hungUp.countDown();
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Collected collected = Collected.of(model.stream(ASK));
      RawServer.await(collected.first);

      collected.subscription.get().cancel();

      RawServer.await(hungUp);
      assertThat(collected.endings).hasValue(0);
      assertThat(collected.chunks).hasSize(1);
    }
  }

  @Test
  void request_nothing_isAnErrorThatEndsTheExchange() throws Throwable {
    CountDownLatch hungUp = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.awaitHangUp();
          hungUp.countDown();
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      Collected collected = Collected.of(model.stream(ASK));
      collected.subscription.get().request(0);

      assertThatThrownBy(collected::response).isInstanceOf(IllegalArgumentException.class);
      RawServer.await(hungUp);
    }
  }

  @Test
  void onNext_throwing_closesTheExchange() throws Throwable {
    CountDownLatch hungUp = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write(RawServer.SSE_HEAD);
          peer.delta("a");
          peer.awaitHangUp();
          hungUp.countDown();
        };
    Executor quiet =
        task ->
            ForkJoinPool.commonPool()
                .execute(
                    () -> {
                      try {
                        task.run();
                      } catch (IllegalStateException e) {
                        // the subscriber's own
                      }
                    });
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).executor(quiet).build()) {
      model.stream(ASK)
          .subscribe(
              new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                  subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(LmChunk chunk) {
                  throw new IllegalStateException("subscriber fails");
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onComplete() {}
              });

      RawServer.await(hungUp);
    }
  }
}
