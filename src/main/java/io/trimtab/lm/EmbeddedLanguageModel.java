package io.trimtab.lm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * A small offline stand-in for a language model: it answers from the demonstrations, the allowed
 * values and the words of the prompt itself, by text similarity. It needs no key, no network and no
 * download.
 *
 * <p><b>What it is for.</b> Trying programs, studies and examples where no real model is at hand.
 * Demonstrations, instructions, temperature, asking for reasoning first, and the choice between its
 * two variants change how often it is right, so there is something to tune. <b>What it is not:</b>
 * it has learned nothing, cannot write, and knows only what stands in the prompt. Its names begin
 * with {@code embedded} wherever they are printed.
 *
 * <p><b>Variants.</b> {@link #SMALL} compares whole words and reads at most 4,096 tokens; {@link
 * #LARGE} compares word stems, word pairs and letter runs, rare ones above common ones, and reads
 * at most 32,768. {@link LmOptions#model()} picks another variant for one request; any other name
 * is an {@link LmInvalidRequestException}, a longer prompt an {@link LmContextLengthException}.
 *
 * <p><b>Prompts.</b> It reads the marked-section format ({@code [[ ## field ## ]]}) and its JSON
 * form. To any other prompt it answers that it cannot read it; to a field it has nothing to go by
 * for, {@code unknown}.
 *
 * <p><b>Options.</b> Temperature 0, which is also the default, is deterministic; above it, the draw
 * depends on the request, {@link LmOptions#seed()} and {@link LmOptions#rolloutId()} only, so the
 * same request gets the same answer. {@code n}, {@code maxTokens}, {@code stop} and {@code timeout}
 * are honoured; {@code topP}, the penalties and tools have no effect. Tokens are counted as one per
 * four characters, rounded up: an estimate, good enough to compare prompts.
 *
 * <p>Safe for use by many threads at once. Blocking calls answer on the calling thread, the others
 * on the executor.
 */
public final class EmbeddedLanguageModel implements LanguageModel {

  /** The variant that compares whole words. */
  public static final String SMALL = "embedded-similarity-small";

  /** The variant that compares stems, word pairs and letter runs, weighted by their rarity. */
  public static final String LARGE = "embedded-similarity-large";

  /** The names of all variants. */
  public static final List<String> MODELS = List.of(SMALL, LARGE);

  private static final String PROVIDER = "embedded";
  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int TOKENS_PER_MESSAGE =
      4; // role and separators, as in usual chat templates

  private record Variant(EmbeddedTerms terms, int contextTokens) {}

  private static final Map<String, Variant> VARIANTS =
      Map.of(
          SMALL, new Variant(EmbeddedTerms.WORDS, 4_096),
          LARGE, new Variant(EmbeddedTerms.STEMS_PAIRS_AND_LETTERS, 32_768));

  private final ModelKey key;
  private final Executor executor;
  private final LmClock clock;
  private volatile boolean closed;

  private EmbeddedLanguageModel(String model, Executor executor, LmClock clock) {
    if (!VARIANTS.containsKey(model)) {
      throw new IllegalArgumentException(
          "model must be one of " + MODELS + ", got \"" + model + '"');
    }
    this.key = ModelKey.local(PROVIDER, model);
    this.executor = Objects.requireNonNull(executor);
    this.clock = Objects.requireNonNull(clock);
  }

  /**
   * Creates the {@link #LARGE} variant.
   *
   * @return the model
   */
  public static EmbeddedLanguageModel create() {
    return create(LARGE);
  }

  /**
   * Creates a variant that answers asynchronous calls on the common pool and tells time by the
   * machine's clock.
   *
   * @param model one of {@link #MODELS}, used for requests that name no model
   * @return the model
   * @throws IllegalArgumentException if there is no such variant
   */
  public static EmbeddedLanguageModel create(String model) {
    return create(model, ForkJoinPool.commonPool(), LmClock.system());
  }

  /**
   * Creates a variant.
   *
   * @param model one of {@link #MODELS}, used for requests that name no model
   * @param executor answers asynchronous calls; it is not closed with the model
   * @param clock measures latency and deadlines
   * @return the model
   * @throws IllegalArgumentException if there is no such variant
   */
  public static EmbeddedLanguageModel create(String model, Executor executor, LmClock clock) {
    return new EmbeddedLanguageModel(model, executor, clock);
  }

  @Override
  public LmResponse generate(LmRequest request) {
    requireOpen();
    LmFutures.requireNotInterrupted(key);
    long start = clock.nanos();
    LmResponse response = answer(request, start);
    Duration timeout = request.options().timeout();
    if (timeout != null && response.latency().compareTo(timeout) > 0) {
      throw timedOut(timeout);
    }
    return response;
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    requireOpen();
    long start = clock.nanos();
    CompletableFuture<LmResponse> result = new CompletableFuture<>();
    Duration timeout = request.options().timeout();
    if (timeout != null) {
      LmClock.Timer timer =
          clock.schedule(timeout, () -> result.completeExceptionally(timedOut(timeout)));
      LmFutures.whenDone(result, (response, failure) -> timer.cancel());
    }
    executor.execute(() -> complete(result, request, start));
    return result;
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    requireOpen();
    return LmStreams.ofResponse(() -> generateAsync(request));
  }

  private void complete(CompletableFuture<LmResponse> result, LmRequest request, long start) {
    if (result.isDone()) { // cancelled or out of time while it waited for a thread
      return;
    }
    try {
      result.complete(answer(request, start));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  private LmTimeoutException timedOut(Duration timeout) {
    return new LmTimeoutException(
        LmTimeoutException.Deadline.OVERALL, timeout, LmErrorOrigin.of(key), null);
  }

  private LmResponse answer(LmRequest request, long start) {
    LmOptions options = request.options();
    String model = options.model() == null ? key.model() : options.model();
    Variant variant = variant(model);
    long inputTokens = inputTokens(request, model, variant);
    List<Completion> completions = new ArrayList<>();
    long outputTokens = 0;
    for (String text : texts(request, model, variant)) {
      Completion completion = limited(completions.size(), text, options);
      outputTokens += tokens(completion.text());
      completions.add(completion);
    }
    Duration latency = Duration.ofNanos(clock.nanos() - start);
    Usage usage = Usage.of(inputTokens, outputTokens);
    return new LmResponse(completions, usage, model, /* id= */ null, latency, /* cached= */ false);
  }

  private Variant variant(String model) {
    Variant variant = VARIANTS.get(model);
    if (variant == null) {
      throw new LmInvalidRequestException(
          "model: expected one of %s, got \"%s\"".formatted(MODELS, model),
          "model",
          LmErrorOrigin.of(key),
          null);
    }
    return variant;
  }

  private long inputTokens(LmRequest request, String model, Variant variant) {
    long tokens =
        request.messages().stream().mapToLong(m -> TOKENS_PER_MESSAGE + tokens(m.text())).sum();
    if (tokens > variant.contextTokens) {
      throw new LmContextLengthException(
          "prompt: expected at most %d tokens for %s, got about %d"
              .formatted(variant.contextTokens, model, tokens),
          LmErrorOrigin.of(key.withModel(model)),
          null);
    }
    return tokens;
  }

  private static List<String> texts(LmRequest request, String model, Variant variant) {
    Optional<EmbeddedPrompt> prompt = EmbeddedPromptReader.read(request);
    if (prompt.isEmpty()) {
      return List.of(
          ("I am %s, an offline stand-in that answers by text similarity. I can read only prompts that list their output"
                  + " fields and supply inputs in [[ ## field ## ]] sections. This one does not, so I have no answer.")
              .formatted(model));
    }
    LmOptions options = request.options();
    double temperature = options.temperature() == null ? 0 : options.temperature();
    EmbeddedJudgement judgement = new EmbeddedJudgement(prompt.get(), variant.terms, temperature);
    SplittableRandom random = new SplittableRandom(seed(request, model));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Objects.requireNonNullElse(options.n(), 1); i++) {
      texts.add(EmbeddedAnswer.text(prompt.get(), judgement, random));
    }
    return texts;
  }

  private static long seed(LmRequest request, String model) {
    LmOptions options = request.options();
    long hash = model.hashCode();
    for (Message message : request.messages()) {
      hash = 31 * hash + message.text().hashCode();
    }
    hash = 31 * hash + Double.hashCode(options.temperature() == null ? 0 : options.temperature());
    hash = 31 * hash + Objects.hashCode(options.seed());
    return 31 * hash + Objects.hashCode(options.rolloutId());
  }

  private static Completion limited(int index, String text, LmOptions options) {
    String said = stopped(text, options.stop());
    Integer maxTokens = options.maxTokens();
    if (maxTokens == null || tokens(said) <= maxTokens) {
      return Completion.of(index, said);
    }
    int end = (int) Math.min(said.length(), (long) maxTokens * CHARACTERS_PER_TOKEN);
    return new Completion(
        index, said.substring(0, end), /* reasoning= */ null, List.of(), FinishReason.LENGTH);
  }

  private static String stopped(String text, @Nullable List<String> stops) {
    int end = text.length();
    for (String stop : stops == null ? List.<String>of() : stops) {
      int at = text.indexOf(stop);
      end = at < 0 ? end : Math.min(end, at);
    }
    return text.substring(0, end);
  }

  private static long tokens(String text) {
    return (text.length() + CHARACTERS_PER_TOKEN - 1L) / CHARACTERS_PER_TOKEN;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the embedded model is closed");
    }
  }

  @Override
  public ModelKey key() {
    return key;
  }

  @Override
  public Set<LmCapability> capabilities() {
    return Set.of(LmCapability.JSON_OBJECT, LmCapability.MULTIPLE_COMPLETIONS);
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return "EmbeddedLanguageModel(%s)".formatted(key.model());
  }
}
