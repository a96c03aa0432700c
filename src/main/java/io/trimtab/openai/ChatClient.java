package io.trimtab.openai;

import io.trimtab.lm.LmOptions;
import io.trimtab.lm.ModelKey;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all calls of one model share.
 *
 * @param key who is asked
 * @param endpoint where to post to
 * @param headers for a whole answer
 * @param streamHeaders for a stream
 * @param defaults options below those of a request
 * @param dialect how the server wants it
 * @param deadlines of one attempt
 * @param maxBytes bound of one response
 * @param transport carries the bytes
 * @param watchdog keeps the deadlines
 * @param executor runs callbacks
 * @param failures makes exceptions
 * @param unsupported which options which model has refused
 */
record ChatClient(
    ModelKey key,
    URI endpoint,
    Map<String, String> headers,
    Map<String, String> streamHeaders,
    LmOptions defaults,
    Dialect dialect,
    Deadlines deadlines,
    int maxBytes,
    Transport transport,
    Watchdog watchdog,
    Executor executor,
    Failures failures,
    Map<String, Set<String>> unsupported) {

  static final Logger LOG = LoggerFactory.getLogger(OpenAiModel.class);

  /** Models are named by requests, so their number is not ours to trust. */
  private static final int MAX_REMEMBERED = 256;

  /**
   * Runs a callback; where the executor has been shut down, on this thread, so that nobody waits
   * for ever.
   */
  void callBack(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  Set<String> unsupportedBy(String model) {
    @Nullable Set<String> known = unsupported.get(model);
    return known == null ? Set.of() : Set.copyOf(known);
  }

  /** Remembers that a model refuses an option. */
  void learn(String model, String option) {
    if (unsupported.size() >= MAX_REMEMBERED && !unsupported.containsKey(model)) {
      return; // each call then finds out for itself
    }
    if (unsupported.computeIfAbsent(model, name -> ConcurrentHashMap.newKeySet()).add(option)) {
      LOG.info("{} does not support {}; it is asked without it from now on", key, option);
    }
  }

  @Override
  public String toString() {
    return "ChatClient(" + key + ")";
  }
}
