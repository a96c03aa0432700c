package io.trimtab.lm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link LanguageModel} answered. Immutable; prints its shape, never its words.
 *
 * @param completions at least one, in order of their index; copied
 * @param usage tokens taken, as far as known
 * @param model the model that answered, as the provider names it
 * @param id the provider's identifier of the answer, or null
 * @param latency from sending the request to having the whole answer
 * @param cached whether the answer came from a cache of ours, so that it cost nothing
 */
public record LmResponse(
    List<Completion> completions,
    Usage usage,
    String model,
    @Nullable String id,
    Duration latency,
    boolean cached) {

  /**
   * Rejects an answer without completions.
   *
   * @param completions at least one, in order of their index; copied
   * @param usage tokens taken, as far as known
   * @param model the model that answered, as the provider names it
   * @param id the provider's identifier of the answer, or null
   * @param latency from sending the request to having the whole answer
   * @param cached whether the answer came from a cache of ours, so that it cost nothing
   */
  public LmResponse {
    completions = List.copyOf(completions);
    if (completions.isEmpty()) {
      throw new IllegalArgumentException("a response needs at least one completion, got none");
    }
  }

  /**
   * Creates an answer of plain text with unknown usage, as tests and small adapters need it.
   *
   * @param model the model that answered
   * @param texts one completion each, at least one
   * @return the response
   */
  public static LmResponse of(String model, String... texts) {
    List<Completion> completions = new ArrayList<>();
    for (String text : texts) {
      completions.add(Completion.of(completions.size(), text));
    }
    return new LmResponse(completions, Usage.UNKNOWN, model, null, Duration.ZERO, false);
  }

  /**
   * Returns the text of the first completion.
   *
   * @return the text, empty if it only calls tools
   */
  public String text() {
    return completions.get(0).text();
  }

  /**
   * Returns the tool calls of the first completion.
   *
   * @return the calls in order
   */
  public List<ToolCall> toolCalls() {
    return completions.get(0).toolCalls();
  }

  /**
   * Returns the same answer with another usage.
   *
   * @param other the usage instead of this one
   * @return the response
   */
  public LmResponse withUsage(Usage other) {
    return new LmResponse(completions, other, model, id, latency, cached);
  }

  /**
   * Returns the same answer with another latency.
   *
   * @param other the latency instead of this one
   * @return the response
   */
  public LmResponse withLatency(Duration other) {
    return new LmResponse(completions, usage, model, id, other, cached);
  }

  /**
   * Returns the same answer marked as coming from a cache.
   *
   * @return the response, with {@link #cached()} true
   */
  public LmResponse asCached() {
    return new LmResponse(completions, usage, model, id, latency, true);
  }

  @Override
  public String toString() {
    return "LmResponse(%s, %s, %s, %d ms%s)"
        .formatted(model, completions, usage, latency.toMillis(), cached ? ", cached" : "");
  }
}
