package io.trimtab.openai;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmErrorOrigin;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.LmTransportException;
import io.trimtab.lm.ModelKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** A client as one writes it in an hour, with the faults such clients have, one at a time. */
final class NaiveModel implements LanguageModel {

  enum Fault {
    /** Trusts HttpRequest.timeout, which ends at the headers. */
    REQUEST_TIMEOUT_ONLY,
    /** Collects whatever comes. */
    UNBOUNDED,
    /** Goes where the server sends it, key in hand. */
    FOLLOWS_REDIRECTS,
    /** Turns malformed characters into U+FFFD. */
    LENIENT,
    /** Takes whatever a stream has said by its end for the answer. */
    TRUSTS_THE_END,
    /** Trusts the JDK's client to hang up on whoever speaks no HTTP. */
    STAYS_ON_THE_LINE
  }

  private final URI uri;
  private final Deadlines deadlines;
  private final Set<Fault> faults;
  private final HttpClient client;

  NaiveModel(String baseUrl, Deadlines deadlines, Set<Fault> faults) {
    this.uri = URI.create(baseUrl + "/chat/completions");
    this.deadlines = deadlines;
    this.faults = faults;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(
                faults.contains(Fault.FOLLOWS_REDIRECTS)
                    ? HttpClient.Redirect.ALWAYS
                    : HttpClient.Redirect.NEVER)
            .build();
  }

  @Override
  public LmResponse generate(LmRequest request) {
    try {
      HttpResponse<byte[]> response = send();
      if (response.statusCode() != 200
          || response.headers().firstValueAsLong("content-length").orElse(0) < 0
          || response.headers().firstValue("content-encoding").isPresent()) {
        throw new IOException("status " + response.statusCode());
      }
      if (faults.contains(Fault.TRUSTS_THE_END)) {
        return LmResponse.of("m", new String(response.body(), StandardCharsets.UTF_8));
      }
      JsonObject json = JsonObject.of(parsed(response.body()), "$");
      String text = json.objects("choices").get(0).object("message").string("content");
      return LmResponse.of("m", text);
    } catch (IOException | JsonException | IndexOutOfBoundsException e) {
      throw new LmTransportException("failed", true, LmErrorOrigin.of(key()), e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Object parsed(byte[] body) {
    return faults.contains(Fault.LENIENT)
        ? Json.parse(new String(body, StandardCharsets.UTF_8))
        : Json.parse(body, JsonLimits.DEFAULT);
  }

  private HttpResponse<byte[]> send() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + HostileServerCheck.KEY)
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    HttpResponse.BodyHandler<byte[]> handler =
        faults.contains(Fault.UNBOUNDED)
            ? HttpResponse.BodyHandlers.ofByteArray()
            : head -> new Bounded();
    if (faults.contains(Fault.REQUEST_TIMEOUT_ONLY)) {
      return client.send(request.timeout(deadlines.total()).build(), handler);
    }
    CompletableFuture<HttpResponse<byte[]>> response = client.sendAsync(request.build(), handler);
    try {
      return response.get(deadlines.total().toNanos(), TimeUnit.NANOSECONDS);
    } catch (Exception e) {
      (faults.contains(Fault.STAYS_ON_THE_LINE) ? response : response.newIncompleteFuture())
          .cancel(true);
      throw new IOException(e);
    }
  }

  /** Collects up to the bound. */
  private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private volatile Flow.Subscription upstream;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      upstream = subscription;
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] piece = new byte[buffer.remaining()];
        buffer.get(piece);
        bytes.writeBytes(piece);
      }
      if (bytes.size() > HostileServerCheck.MAX_BYTES) {
        upstream.cancel();
        body.completeExceptionally(new IOException("too large"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    return CompletableFuture.supplyAsync(() -> generate(request));
  }

  @Override
  public ModelKey key() {
    return ModelKey.local("naive", "m");
  }

  @Override
  public Set<LmCapability> capabilities() {
    return Set.of();
  }

  @Override
  public void close() {}
}
