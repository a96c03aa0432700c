package io.trimtab.openai;

import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One request of a caller, which may take more than one attempt until the server's dialect is
 * known.
 */
final class ChatCall {

  private final ChatClient client;
  private final LmRequest request;
  private final LmOptions options;
  private final boolean stream;
  private final String model;
  private final Failures failures;
  private final long started;
  private Set<String> unsupported;

  ChatCall(ChatClient client, LmRequest request, boolean stream) {
    this.client = client;
    this.request = request;
    this.stream = stream;
    this.options = client.defaults().overriddenBy(request.options());
    ChatRequestWriter.checkExtras(options);
    String other = options.model();
    this.model = other == null ? client.key().model() : other;
    this.failures =
        other == null ? client.failures() : client.failures().of(client.key().withModel(other));
    this.started = client.watchdog().nanos();
    this.unsupported = client.unsupportedBy(model);
  }

  Failures failures() {
    return failures;
  }

  String model() {
    return model;
  }

  int maxBytes() {
    return client.maxBytes();
  }

  TimeLimits limits() {
    return TimeLimits.of(client.deadlines(), options.timeout(), started, client.watchdog().nanos());
  }

  /**
   * Writes the request.
   *
   * @throws io.trimtab.lm.LmInvalidRequestException if a text has no form in JSON
   */
  HttpCall encoded(TimeLimits limits) {
    Bytes body;
    try {
      body =
          new ChatRequestWriter(client.dialect())
              .write(request, options, model, stream, unsupported);
    } catch (IOException e) {
      throw failures.unencodable(e);
    }
    return new HttpCall(
        client.endpoint(),
        stream ? client.streamHeaders() : client.headers(),
        body.array(),
        body.length(),
        limits.headerNanos(client.watchdog().nanos()));
  }

  Answer newAnswer(Consumer<LmChunk> chunks) {
    Integer n = options.n();
    return new Answer(client.dialect().thinkTags(), n == null ? 1 : n, client.maxBytes(), chunks);
  }

  /**
   * Decides whether a refused request is worth sending again without the option the server does not
   * know.
   */
  boolean adaptsTo(Refusal refusal) {
    String option = refusal.unsupportedOption();
    if (option == null || !client.dialect().dropUnsupported() || unsupported.contains(option)) {
      return false;
    }
    if (!new ChatRequestWriter(client.dialect())
        .sends(option, options, model, stream, unsupported)) {
      return false; // the server means something else
    }
    client.learn(model, option);
    unsupported = with(unsupported, option);
    return true;
  }

  private static Set<String> with(Set<String> set, String more) {
    Set<String> all = new HashSet<>(set);
    all.add(more);
    return Set.copyOf(all);
  }

  Duration latency() {
    return Duration.ofNanos(client.watchdog().nanos() - started);
  }

  void log(HttpCall sent, String outcome) {
    if (ChatClient.LOG.isDebugEnabled()) {
      ChatClient.LOG.debug("{}: {} after {} ms", sent, outcome, latency().toMillis());
    }
  }
}
