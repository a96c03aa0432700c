package io.trimtab.openai;

import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmClock;
import io.trimtab.lm.LmConfigurationException;
import io.trimtab.lm.LmErrorOrigin;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.ModelKey;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects how an {@link OpenAiModel} reaches its server and how that server wants to be spoken to.
 *
 * <p>Required: a model, and a key or {@link #withoutKey}. Defaults: base URL {@code
 * https://api.openai.com/v1}; {@link Deadlines#DEFAULT}; responses up to 16 MiB (a stream up to
 * sixteen times that, its text up to 16 Mi characters); no default options; a transport over the
 * JDK's HTTP client; daemon threads of its own for callbacks; the system's clocks; key sent as
 * {@code Authorization: Bearer}; system messages with role {@code system}; the token limit's name
 * by the model's name; missing text of messages with tool calls sent as {@code null}; streams not
 * asked for usage; unsupported sampling options dropped; leading {@code <think>} tags taken as
 * reasoning; reasoning not sent back; all capabilities.
 *
 * <p>Not safe for use by several threads. Each method is called at most once, but for {@link
 * #header} and {@link #queryParameter}.
 */
public final class OpenAiModelBuilder {

  private static final String OPENAI = "https://api.openai.com/v1";

  /** Headers that are ours to set: they decide where a request ends and how it is read. */
  private static final Set<String> RESERVED =
      Set.of(
          "content-type",
          "content-length",
          "transfer-encoding",
          "host",
          "connection",
          "accept",
          "expect",
          "upgrade");

  private final Set<String> called = ConcurrentHashMap.newKeySet();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, String> query = new LinkedHashMap<>();
  private Map<String, String> environment = Map.of();
  private @Nullable Secret key;
  private boolean withoutKey;
  private @Nullable String keyHeader;
  private @Nullable String baseUrl;
  private @Nullable String model;
  private @Nullable String provider;
  private @Nullable Transport transport;
  private @Nullable Executor executor;
  private @Nullable MaxTokensField maxTokensField;
  private LmOptions defaults = LmOptions.NONE;
  private Deadlines deadlines = Deadlines.DEFAULT;
  private Set<LmCapability> capabilities = Set.of(LmCapability.values());
  private int maxResponseBytes = 16 << 20;
  private InstantSource clock = InstantSource.system();
  private LongSupplier ticker = LmClock.system()::nanos;
  private String systemRole = "system";
  private EmptyContent emptyContent = EmptyContent.NULL;
  private boolean streamUsage;
  private boolean dropUnsupported = true;
  private boolean thinkTags = true;
  private boolean replayReasoning;

  OpenAiModelBuilder() {}

  /**
   * Sets the key.
   *
   * @param key as the provider gave it
   * @return this builder
   * @throws IllegalArgumentException if it is blank or cannot be sent in a header
   */
  public OpenAiModelBuilder apiKey(String key) {
    return apiKey(Secret.of(key));
  }

  /**
   * Sets the key.
   *
   * @param key the key
   * @return this builder
   */
  public OpenAiModelBuilder apiKey(Secret key) {
    once("apiKey");
    this.key = key;
    return this;
  }

  /**
   * Allows to send no key, as local servers want it. A key in the {@link #environment} is then not
   * sent either.
   *
   * @return this builder
   */
  public OpenAiModelBuilder withoutKey() {
    once("withoutKey");
    withoutKey = true;
    return this;
  }

  /**
   * Sets a header that carries the bare key, in place of {@code Authorization: Bearer}.
   *
   * @param name the header's name, such as {@code api-key}
   * @return this builder
   */
  public OpenAiModelBuilder keyHeader(String name) {
    once("keyHeader");
    keyHeader = checkedHeaderName(name);
    return this;
  }

  /**
   * Speaks to Azure: the key goes into the header {@code api-key}, the version into the query. The
   * base URL is the deployment's.
   *
   * @param apiVersion such as {@code 2024-10-21}
   * @return this builder
   */
  public OpenAiModelBuilder azure(String apiVersion) {
    return keyHeader("api-key").queryParameter("api-version", apiVersion);
  }

  /**
   * Sets where the server is. Without a path {@code /v1} is added; a trailing slash and a trailing
   * {@code /chat/completions} do not matter; a query is kept.
   *
   * @param url an http or https URL without user name and password
   * @return this builder
   */
  public OpenAiModelBuilder baseUrl(String url) {
    once("baseUrl");
    baseUrl = url;
    return this;
  }

  /**
   * Sets which model answers.
   *
   * @param name as the provider calls it, not blank
   * @return this builder
   */
  public OpenAiModelBuilder model(String name) {
    once("model");
    if (name.isBlank()) {
      throw new IllegalArgumentException("model must not be blank");
    }
    model = name;
    return this;
  }

  /**
   * Sets how the provider is called in {@link OpenAiModel#key()} instead of the name its host
   * suggests ({@code openai}, {@code azure} or {@code openai-compatible}).
   *
   * @param name not blank
   * @return this builder
   */
  public OpenAiModelBuilder provider(String name) {
    once("provider");
    if (name.isBlank()) {
      throw new IllegalArgumentException("provider must not be blank");
    }
    provider = name;
    return this;
  }

  /**
   * Adds a header to every request, in place of one of the same name. Its value is treated as a
   * secret.
   *
   * @param name the header's name; not one the client itself is in charge of
   * @param value visible characters and blanks
   * @return this builder
   * @throws IllegalArgumentException if the name or value cannot be sent; the message does not
   *     repeat the value
   */
  public OpenAiModelBuilder header(String name, String value) {
    if (!isPrintable(value)) {
      throw new IllegalArgumentException(
          "the value of header %s must consist of printable ASCII characters".formatted(name));
    }
    headers.put(checkedHeaderName(name), value);
    return this;
  }

  private static boolean isPrintable(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private static String checkedHeaderName(String name) {
    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
        || RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "expected the name of a header that is not the client's own, got \"" + name + '"');
    }
    return name;
  }

  /**
   * Adds a query parameter to the address. Its value is treated as a secret.
   *
   * @param name the parameter's name
   * @param value the parameter's value, not yet encoded
   * @return this builder
   */
  public OpenAiModelBuilder queryParameter(String name, String value) {
    query.put(name, value);
    return this;
  }

  /**
   * Sets what stands in for settings that were not made here: {@code OPENAI_API_KEY}, {@code
   * OPENAI_BASE_URL}, {@code OPENAI_MODEL}, {@code OPENAI_ORG_ID} and {@code OPENAI_PROJECT_ID}.
   * Blank values count as absent. Without this call the environment is not looked at.
   *
   * @param environment variables by name, such as {@code System.getenv()}
   * @return this builder
   */
  public OpenAiModelBuilder environment(Map<String, String> environment) {
    once("environment");
    this.environment = Map.copyOf(environment);
    return this;
  }

  /**
   * Sets options for all requests; what a request sets wins.
   *
   * @param defaults options below those of a request
   * @return this builder
   */
  public OpenAiModelBuilder defaults(LmOptions defaults) {
    once("defaults");
    ChatRequestWriter.checkExtras(defaults);
    this.defaults = defaults;
    return this;
  }

  /**
   * Sets how long an attempt may take.
   *
   * @param deadlines phase by phase
   * @return this builder
   */
  public OpenAiModelBuilder deadlines(Deadlines deadlines) {
    once("deadlines");
    this.deadlines = deadlines;
    return this;
  }

  /**
   * Sets the bound on a response; a longer one is an error.
   *
   * @param bytes from 1 KiB to 512 MiB
   * @return this builder
   */
  public OpenAiModelBuilder maxResponseBytes(int bytes) {
    once("maxResponseBytes");
    if (bytes < 1 << 10 || bytes > 512 << 20) {
      throw new IllegalArgumentException(
          "maxResponseBytes must be in [1024, 536870912], got " + bytes);
    }
    maxResponseBytes = bytes;
    return this;
  }

  /**
   * Sets what carries the bytes. The model does not close it.
   *
   * @param transport instead of the JDK's client
   * @return this builder
   */
  public OpenAiModelBuilder transport(Transport transport) {
    once("transport");
    this.transport = transport;
    return this;
  }

  /**
   * Sets where futures complete and subscribers are signalled. The model does not shut it down.
   *
   * @param executor instead of daemon threads of the model's own
   * @return this builder
   */
  public OpenAiModelBuilder executor(Executor executor) {
    once("executor");
    this.executor = executor;
    return this;
  }

  /**
   * Sets what a date in {@code Retry-After} is measured against.
   *
   * @param clock instead of the system's
   * @return this builder
   */
  public OpenAiModelBuilder clock(InstantSource clock) {
    once("clock");
    this.clock = clock;
    return this;
  }

  /**
   * Sets what deadlines and latency are measured with.
   *
   * @param nanos a counter of nanoseconds that never runs backwards, instead of the system's
   * @return this builder
   */
  public OpenAiModelBuilder ticker(LongSupplier nanos) {
    once("ticker");
    this.ticker = nanos;
    return this;
  }

  /**
   * Sets what the model is said to be capable of, where the server can do less than the protocol.
   *
   * @param capabilities instead of all
   * @return this builder
   */
  public OpenAiModelBuilder capabilities(Set<LmCapability> capabilities) {
    once("capabilities");
    this.capabilities = Set.copyOf(capabilities);
    return this;
  }

  /**
   * Sets how the limit of tokens is called.
   *
   * @param field instead of the one the model's name suggests
   * @return this builder
   */
  public OpenAiModelBuilder maxTokensField(MaxTokensField field) {
    once("maxTokensField");
    maxTokensField = field;
    return this;
  }

  /**
   * Sets the role of system messages.
   *
   * @param role {@code system} or {@code developer}
   * @return this builder
   */
  public OpenAiModelBuilder systemRole(String role) {
    once("systemRole");
    if (!role.equals("system") && !role.equals("developer") && !role.equals("user")) {
      throw new IllegalArgumentException(
          "systemRole must be system, developer or user, got \"" + role + '"');
    }
    systemRole = role;
    return this;
  }

  /**
   * Sets how the missing text of a message that only calls tools is sent.
   *
   * @param form as the server wants it
   * @return this builder
   */
  public OpenAiModelBuilder emptyContent(EmptyContent form) {
    once("emptyContent");
    emptyContent = form;
    return this;
  }

  /**
   * Asks streams for their usage with {@code stream_options}. Some servers refuse that; see {@link
   * #dropUnsupported}.
   *
   * @param ask whether to ask
   * @return this builder
   */
  public OpenAiModelBuilder streamUsage(boolean ask) {
    once("streamUsage");
    streamUsage = ask;
    return this;
  }

  /**
   * Decides what to do when a server says that a model does not support temperature, top_p, a
   * penalty, seed, the token limit's name or {@code stream_options}: send the request again without
   * it (the token limit: under its other name) and remember that for the model, or fail. A value
   * that is merely out of range always fails.
   *
   * @param drop whether to go on without the option
   * @return this builder
   */
  public OpenAiModelBuilder dropUnsupported(boolean drop) {
    once("dropUnsupported");
    dropUnsupported = drop;
    return this;
  }

  /**
   * Decides whether {@code <think>…</think>} at the very start of a text is taken out of it as
   * reasoning.
   *
   * @param split whether to take it out
   * @return this builder
   */
  public OpenAiModelBuilder thinkTags(boolean split) {
    once("thinkTags");
    thinkTags = split;
    return this;
  }

  /**
   * Decides whether the reasoning of an assistant's message is sent back as {@code
   * reasoning_content}, which DeepSeek wants between tool calls and others refuse.
   *
   * @param replay whether to send it back
   * @return this builder
   */
  public OpenAiModelBuilder replayReasoning(boolean replay) {
    once("replayReasoning");
    replayReasoning = replay;
    return this;
  }

  private void once(String setting) {
    if (!called.add(setting)) {
      throw new IllegalStateException(setting + " was already set");
    }
  }

  /**
   * Creates the model. Connects to nothing yet.
   *
   * @return the model, to be closed by the caller
   * @throws LmConfigurationException if the key or the model is missing or the base URL is
   *     unusable; lists every fault
   */
  public OpenAiModel build() {
    List<String> faults = new ArrayList<>();
    Secret secret = secret(faults);
    String name = or(model, "OPENAI_MODEL");
    if (name == null) {
      faults.add("no model: set model(...) or OPENAI_MODEL");
    }
    URI endpoint = endpoint(faults);
    for (String variable : List.of("OPENAI_ORG_ID", "OPENAI_PROJECT_ID")) {
      String value = or(null, variable);
      if (value != null && !isPrintable(value)) {
        faults.add(variable + " must consist of printable ASCII characters");
      }
    }
    if (name == null || endpoint == null || !faults.isEmpty()) {
      throw new LmConfigurationException(
          String.join("; ", faults),
          LmErrorOrigin.of(
              ModelKey.local(provider == null ? "openai" : provider, name == null ? "?" : name)),
          null);
    }
    return build(endpoint, name, secret);
  }

  private @Nullable Secret secret(List<String> faults) {
    if (withoutKey) {
      if (key != null) {
        faults.add("both a key and withoutKey() were given");
      }
      return null;
    }
    if (key != null) {
      return key;
    }
    String fromEnvironment = or(null, "OPENAI_API_KEY");
    if (fromEnvironment == null) {
      faults.add(
          "no API key: set apiKey(...) or OPENAI_API_KEY, or call withoutKey() for a server that"
              + " wants none");
      return null;
    }
    try {
      return Secret.of(fromEnvironment);
    } catch (IllegalArgumentException e) {
      faults.add("OPENAI_API_KEY: " + e.getMessage());
      return null;
    }
  }

  private @Nullable URI endpoint(List<String> faults) {
    String url = or(baseUrl, "OPENAI_BASE_URL");
    try {
      return Endpoint.of(url == null ? OPENAI : url, query);
    } catch (IllegalArgumentException e) {
      faults.add(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable String or(@Nullable String set, String variable) {
    String fallback = environment.get(variable);
    return set != null || fallback == null || fallback.isBlank() ? set : fallback.strip();
  }

  private OpenAiModel build(URI endpoint, String name, @Nullable Secret secret) {
    ModelKey modelKey =
        ModelKey.of(providerOf(endpoint.getHost()), name, Endpoint.withoutOperation(endpoint));
    Failures failures = new Failures(modelKey, new Redaction(secrets(secret, endpoint)), clock);
    ExecutorService own = Threads.pool("trimtab-openai"); // has no thread until it is used
    ChatClient client =
        new ChatClient(
            modelKey,
            endpoint,
            headers(secret, "application/json"),
            headers(secret, "text/event-stream"),
            defaults,
            new Dialect(
                maxTokensField,
                systemRole,
                emptyContent,
                streamUsage,
                dropUnsupported,
                thinkTags,
                replayReasoning),
            deadlines,
            maxResponseBytes,
            transport == null ? JdkTransport.to(endpoint, deadlines.connect()) : transport,
            new Watchdog(ticker),
            executor == null ? own : executor,
            failures,
            new ConcurrentHashMap<>());
    return new OpenAiModel(client, capabilities, transport == null, own);
  }

  private String providerOf(String host) {
    if (provider != null) {
      return provider;
    }
    if (host.equalsIgnoreCase("api.openai.com")) {
      return "openai";
    }
    return host.toLowerCase(Locale.ROOT).endsWith(".azure.com") ? "azure" : "openai-compatible";
  }

  /**
   * Everything that must not appear in a text of ours. Short values would mask innocent words and
   * are no secrets.
   */
  private List<Secret> secrets(@Nullable Secret secret, URI endpoint) {
    List<Secret> all = new ArrayList<>();
    if (secret != null) {
      all.add(secret);
    }
    headers.values().forEach(value -> addHidden(all, value));
    query.values().forEach(value -> addHidden(all, value));
    if (endpoint.getRawQuery() != null) {
      for (String parameter : endpoint.getRawQuery().split("&", -1)) {
        addHidden(all, parameter.substring(parameter.indexOf('=') + 1));
      }
    }
    return all;
  }

  private static void addHidden(List<Secret> all, String value) {
    if (value.length() >= 12) {
      all.add(Secret.hidden(value));
    }
  }

  private Map<String, String> headers(@Nullable Secret secret, String accept) {
    // Names differ by more than case, or chance would decide which of two is sent.
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.put("Content-Type", "application/json");
    all.put("Accept", accept);
    all.put("User-Agent", "trimtab");
    String organization = or(null, "OPENAI_ORG_ID");
    if (organization != null) {
      all.put("OpenAI-Organization", organization);
    }
    String project = or(null, "OPENAI_PROJECT_ID");
    if (project != null) {
      all.put("OpenAI-Project", project);
    }
    if (secret != null && keyHeader == null) {
      all.put("Authorization", secret.reveal("Bearer "));
    } else if (secret != null && keyHeader != null) {
      all.put(keyHeader, secret.reveal(""));
    }
    all.putAll(headers);
    return Collections.unmodifiableMap(all);
  }
}
