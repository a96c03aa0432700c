package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmTransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConnectionTest {

  private static final byte[] OK = RawServer.json(RawServer.answer("ok"));

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_again_usesTheSameConnection(Form form) throws Throwable {
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      for (int i = 0; i < 20; i++) {
        form.ask(model, "x");
      }

      assertThat(server.connections()).isLessThanOrEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_pooledConnectionThatDied_isAskedAgainAtOnce(Form form) throws Throwable {
    AtomicInteger connections = new AtomicInteger();
    CountDownLatch answered = new CountDownLatch(1);
    RawServer.Script script =
        peer -> {
          boolean first = connections.incrementAndGet() == 1;
          peer.readRequest();
          peer.write(OK);
          if (first) {
            peer.readRequest(); // takes the second request, and dies without a word
            answered.countDown();
            return;
          }
          while (peer.readRequest() != null) {
            peer.write(OK);
          }
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      form.ask(model, "x");

      assertThat(form.ask(model, "x").text()).isEqualTo("ok");
      RawServer.await(answered);
      assertThat(connections).hasValue(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_serverThatAlwaysHangsUp_isAskedTwiceAndNoMore(Form form) throws Throwable {
    try (RawServer server = new RawServer(peer -> peer.readRequest());
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThatThrownBy(() -> form.ask(model, "x"))
          .isInstanceOfSatisfying(
              LmTransportException.class, e -> assertThat(e.maybeSent()).isTrue());
      assertThat(server.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_connectionThatDiedWithinTheHeaders_isNotAskedAgain(Form form) throws Throwable {
    RawServer.Script script =
        peer -> {
          peer.readRequest();
          peer.write("HTTP/1.1 200 OK\r\nContent-Le");
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {

      assertThatThrownBy(() -> form.ask(model, "x")).isInstanceOf(LmTransportException.class);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void ask_responseWithASmuggledSecond_doesNotConfuseTheNextCall() throws Throwable {
    byte[] smuggled = RawServer.json(RawServer.answer("smuggled"));
    RawServer.Script script =
        peer -> {
          while (peer.readRequest() != null) {
            byte[] both = new byte[OK.length + smuggled.length];
            System.arraycopy(OK, 0, both, 0, OK.length);
            System.arraycopy(smuggled, 0, both, OK.length, smuggled.length);
            peer.write(both);
          }
        };
    try (RawServer server = new RawServer(script);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      for (int i = 0; i < 10; i++) {
        assertThat(model.generate(LmRequest.of("x")).text()).isEqualTo("ok");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_nobodyListens_saysSoAndThatNothingWasSent(Form form) throws Throwable {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (OpenAiModel model =
        OpenAiModel.builder().baseUrl("http://127.0.0.1:" + port).withoutKey().model("m").build()) {

      assertThatThrownBy(() -> form.ask(model, "x"))
          .isInstanceOfSatisfying(
              LmTransportException.class, e -> assertThat(e.maybeSent()).isFalse())
          .hasMessageContaining("accepts no connection");
    }
  }

  /** The JDK's client tells of failures on the common pool. */
  @Test
  void ask_nobodyListensAndCallersFillTheCommonPool_saysSoAllTheSame() throws Throwable {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (OpenAiModel model =
        OpenAiModel.builder().baseUrl("http://127.0.0.1:" + port).withoutKey().model("m").build()) {
      var calls = new ArrayList<Future<?>>();
      for (int i = 0; i < 2 * ForkJoinPool.getCommonPoolParallelism(); i++) {
        calls.add(ForkJoinPool.commonPool().submit(() -> model.generate(LmRequest.of("x"))));
      }

      for (Future<?> call : calls) {
        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasStackTraceContaining("accepts no connection");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_unknownHost_saysSoAndThatNothingWasSent(Form form) throws Throwable {
    try (OpenAiModel model =
        OpenAiModel.builder().baseUrl("http://nobody.invalid:1").withoutKey().model("m").build()) {

      assertThatThrownBy(() -> form.ask(model, "x"))
          .isInstanceOfSatisfying(
              LmTransportException.class, e -> assertThat(e.maybeSent()).isFalse())
          .hasMessageContaining("cannot be resolved");
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_stalledTlsHandshake_endsWithTheDeadline(Form form) throws Throwable {
    try (RawServer server = new RawServer(RawServer.Peer::hang);
        OpenAiModel model =
            OpenAiModel.builder()
                .baseUrl("https://127.0.0.1:" + server.port())
                .withoutKey()
                .model("m")
                .deadlines(HostileServerCheck.DEADLINES)
                .build()) {
      long start = System.nanoTime();

      assertThatThrownBy(() -> form.ask(model, "x")).isInstanceOf(LmException.class);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      assertThat(server.awaitQuiet(Duration.ofSeconds(10))).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_hostByName_works(Form form) throws Throwable {
    String name = "LocalHost"; // not recognised as needing no lookup, unlike "localhost"
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model =
            OpenAiModel.builder()
                .baseUrl("http://" + name + ":" + server.port())
                .withoutKey()
                .model("m")
                .build()) {

      assertThat(form.ask(model, "x").text()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_overAClientOfTheCaller_worksAndSpeaksHttp1(Form form) throws Throwable {
    HttpClient mine = HttpClient.newBuilder().build();
    try (RawServer server = new RawServer(RawServer.always(OK));
        OpenAiModel model = OpenAiModelTest.at(server).transport(JdkTransport.over(mine)).build()) {

      assertThat(form.ask(model, "x").text()).isEqualTo("ok");
      assertThat(server.requests().get(0).headers()).doesNotContainKey("upgrade");
    }
  }

  @Test
  void over_clientThatFollowsRedirects_isRefused() {
    HttpClient mine = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

    assertThatThrownBy(() -> JdkTransport.over(mine)).hasMessageContaining("redirects");
  }

  @Test
  void ask_fromManyThreads_everyOneGetsItsOwnAnswer() throws Throwable {
    RawServer.Script echo =
        peer -> {
          for (var request = peer.readRequest(); request != null; request = peer.readRequest()) {
            String body = request.body();
            int at = body.indexOf("prompt-");
            peer.write(RawServer.json(RawServer.answer(body.substring(at, at + 12))));
          }
        };
    try (RawServer server = new RawServer(echo);
        OpenAiModel model = OpenAiModelTest.at(server).build()) {
      var pool = Executors.newFixedThreadPool(32);
      try {
        var results = new ArrayList<Future<Boolean>>();
        for (int i = 0; i < 600; i++) {
          String prompt = "prompt-%05d".formatted(i);
          Form form = Form.values()[i % 3];
          results.add(
              pool.submit(
                  () -> {
                    try {
                      return form.ask(model, prompt).text().equals(prompt);
                    } catch (Throwable e) {
                      throw new IOException(form + " " + prompt, e);
                    }
                  }));
        }
        for (var result : results) {
          assertThat(result.get(60, TimeUnit.SECONDS)).isTrue();
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }
}
