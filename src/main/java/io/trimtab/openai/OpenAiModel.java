package io.trimtab.openai;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.ModelKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A language model behind any server that speaks OpenAI's chat-completions protocol.
 *
 * <pre>{@code
 * LanguageModel model = OpenAiModel.builder().apiKey(key).model("gpt-4o-mini").build();
 * LanguageModel local =
 *     OpenAiModel.builder().baseUrl("http://localhost:11434").withoutKey().model("llama3").build();
 * }</pre>
 *
 * <p>Sends what the request sets and nothing else. Understands what servers make of the protocol,
 * but never takes an error, an answer cut short or an empty one for an answer. It does not retry:
 * wrap it in a {@code ResilientLanguageModel} for that. (Two things are repeated, once and at once:
 * a request that died on a pooled connection before any byte of the response had come, and one
 * whose option the server does not support, without that option; see {@link
 * OpenAiModelBuilder#dropUnsupported}.)
 *
 * <p>Deadlines: {@link Deadlines} bound each attempt; {@link io.trimtab.lm.LmOptions#timeout()}
 * bounds the call if it is shorter. Responses are bounded in size, strict UTF-8, and redirects are
 * refused. Cancelling a future or a subscription, and interrupting a blocked thread, closes the
 * exchange with the server.
 *
 * <p>Futures complete and subscribers are signalled on the builder's executor. Safe for use by many
 * threads at once; holds one HTTP client and daemon threads that end when idle. {@link #close} ends
 * calls under way with {@link io.trimtab.lm.LmCancelledException}.
 */
public final class OpenAiModel implements LanguageModel {

  private final ChatClient client;
  private final Set<LmCapability> capabilities;
  private final boolean ownsTransport;
  private final @Nullable ExecutorService ownExecutor;
  private final AtomicBoolean closed = new AtomicBoolean();

  OpenAiModel(
      ChatClient client,
      Set<LmCapability> capabilities,
      boolean ownsTransport,
      @Nullable ExecutorService ownExecutor) {
    this.client = client;
    this.capabilities = capabilities;
    this.ownsTransport = ownsTransport;
    this.ownExecutor = ownExecutor;
  }

  /**
   * Starts a model; model name and key (or {@link OpenAiModelBuilder#withoutKey}) are required.
   *
   * @return a builder with the defaults its class comment lists
   */
  public static OpenAiModelBuilder builder() {
    return new OpenAiModelBuilder();
  }

  /**
   * Creates a model from this process's environment: {@code OPENAI_API_KEY}, {@code OPENAI_MODEL},
   * and {@code OPENAI_BASE_URL} if set.
   *
   * @return the model
   * @throws io.trimtab.lm.LmConfigurationException if key or model is missing, or one of them is
   *     unusable
   */
  public static OpenAiModel fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  /**
   * Creates a model from the given environment; see {@link #fromEnvironment()}.
   *
   * @param environment variables by name
   * @return the model
   * @throws io.trimtab.lm.LmConfigurationException if key or model is missing, or one of them is
   *     unusable
   */
  public static OpenAiModel fromEnvironment(Map<String, String> environment) {
    return builder().environment(environment).build();
  }

  @Override
  public LmResponse generate(LmRequest request) {
    checkOpen();
    ChatCall call = new ChatCall(client, request, /* stream= */ false);
    while (true) {
      WholeBody body = new WholeBody(call.maxBytes());
      TimeLimits limits = call.limits();
      HttpCall http = call.encoded(limits);
      new Attempt(body, call.failures(), client.watchdog(), limits, failure -> {})
          .run(client.transport(), http);
      Refusal refusal = body.refusal();
      call.log(http, refusal == null ? "answered" : "status " + refusal.status());
      if (refusal == null) {
        Answer answer = call.newAnswer(chunk -> {});
        return body.response(answer, call.model(), call.latency(), call.failures());
      }
      if (!call.adaptsTo(refusal)) {
        throw call.failures().refused(refusal);
      }
    }
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    checkOpen();
    return new AsyncCall(client, new ChatCall(client, request, /* stream= */ false)).start();
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    checkOpen();
    ChatRequestWriter.checkExtras(request.options());
    return subscriber -> subscriber.onSubscribe(subscription(request, subscriber));
  }

  private ChatStream subscription(LmRequest request, Flow.Subscriber<? super LmChunk> subscriber) {
    return new ChatStream(client, new ChatCall(client, request, /* stream= */ true), subscriber);
  }

  @Override
  public ModelKey key() {
    return client.key();
  }

  @Override
  public Set<LmCapability> capabilities() {
    return capabilities;
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    client.watchdog().close();
    if (ownsTransport) {
      client.transport().close();
    }
    if (ownExecutor != null) {
      ownExecutor.shutdown(); // what was to be told is still told
    }
  }

  @Override
  public String toString() {
    return "OpenAiModel(" + client.key() + ")";
  }
}
