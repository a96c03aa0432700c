package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The races that no server can bring about at will. */
final class JdkExchangeTest {

  private final List<String> told = new ArrayList<>();
  private final Transport.Receiver receiver =
      new Transport.Receiver() {
        @Override
        public void started(Flow.Subscription exchange) {}

        @Override
        public void head(int status, HttpHeaders headers) {
          told.add("head " + status);
        }

        @Override
        public void data(List<ByteBuffer> bytes) {
          told.add("data");
        }

        @Override
        public void end() {
          told.add("end");
        }

        @Override
        public void failed(IOException cause) {
          told.add("failed " + cause.getMessage());
        }
      };
  private final JdkExchange exchange = new JdkExchange(receiver);

  private HttpResponse.BodySubscriber<Void> headed() {
    return exchange
        .handler()
        .apply(
            new HttpResponse.ResponseInfo() {
              @Override
              public int statusCode() {
                return 200;
              }

              @Override
              public HttpHeaders headers() {
                return HttpHeaders.of(Map.of(), (name, value) -> true);
              }

              @Override
              public HttpClient.Version version() {
                return HttpClient.Version.HTTP_1_1;
              }
            });
  }

  /** A response that passes a cancellation on through those derived from it, as the JDK's does. */
  private static final class Response extends CompletableFuture<Object> {

    private boolean hungUp;

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>() {
        @Override
        public boolean cancel(boolean mayInterrupt) {
          hungUp = true;
          return super.cancel(mayInterrupt);
        }
      };
    }
  }

  @Test
  void hangUp_cancelledInTheMomentOfTheFailure_closesTheConnectionAllTheSame() {
    Response response = new Response();
    exchange.sent(response);
    response.completeExceptionally(new IOException("Invalid status line"));
    exchange.cancel();
    assertThat(response.hungUp).isFalse();

    exchange.hangUp(response);

    assertThat(response.hungUp).isTrue();
  }

  @Test
  void hangUp_afterTheHead_leavesTheConnectionToItsNextRequest() {
    Response response = new Response();
    headed();

    exchange.hangUp(response);

    assertThat(response.hungUp).isFalse();
  }

  @Test
  void cancel_beforeTheHead_wakesAThreadThatSends() {
    CompletableFuture<String> outcome = new CompletableFuture<>();
    CompletableFuture<Void> sending = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () -> {
              boolean goes = exchange.sendsOn(Thread.currentThread());
              sending.complete(null);
              while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
              }
              boolean ours = exchange.sendReturned();
              outcome.complete(goes + " " + ours + " " + Thread.currentThread().isInterrupted());
            });
    sender.start();
    sending.join();

    exchange.cancel();

    assertThat(outcome.join()).as("sends, woken by us, flag left").isEqualTo("true true false");
    assertThat(exchange.sendsOn(Thread.currentThread())).as("after that").isFalse();
  }

  @Test
  void sent_afterTheResponseWasComplete_cancelsNothing() {
    CompletableFuture<Object> response = new CompletableFuture<>();
    headed().onComplete();

    exchange.sent(response);
    exchange.cancel();

    // Cancelling would close a connection that may be carrying the next request by now.
    assertThat(response).isNotDone();
    assertThat(told).containsExactly("head 200", "end");
  }

  @Test
  void sent_afterACancellation_cancels() {
    CompletableFuture<Object> response = new CompletableFuture<>();
    exchange.cancel();

    exchange.sent(response);

    assertThat(response).isCancelled();
  }

  @Test
  void signals_afterACancellation_areNotPassedOn() {
    exchange.cancel();

    HttpResponse.BodySubscriber<Void> body = headed();
    body.onNext(List.of());
    body.onError(new IOException("late"));

    assertThat(told).isEmpty();
    assertThat(body.getBody().toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void failures_reportedTwice_arePassedOnOnce() {
    headed().onError(new IOException("first"));
    exchange.fail(new IOException("second"));

    assertThat(told).containsExactly("head 200", "failed first");
  }

  @Test
  void mayResend_connectionDiedUnanswered_onceOnly() {
    IOException died =
        new IOException("HTTP/1.1 header parser received no bytes", new EOFException());

    assertThat(exchange.mayResend(died)).isTrue();
    assertThat(exchange.mayResend(died)).isFalse();
  }

  @Test
  void mayResend_anythingElse_never() {
    assertThat(exchange.mayResend(new ConnectException("Connection refused"))).isFalse();
    assertThat(
            exchange.mayResend(
                new IOException("parsing HTTP/1.1 header, receiving [HTT]", new EOFException())))
        .isFalse();
    headed();
    assertThat(exchange.mayResend(new IOException("Connection reset"))).isFalse();
  }
}
