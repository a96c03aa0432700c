package io.trimtab.program;

import io.trimtab.lm.LanguageModel;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What one run does differently: it wins over the program's own settings and over variables, and
 * reaches every predictor of the program.
 *
 * <pre>{@code
 * program.run(inputs, session, CallOptions.NONE.with("temperature", 0.0));
 * }</pre>
 *
 * <p>Immutable; the {@code with} methods return changed copies.
 */
public final class CallOptions {

  /** Nothing different. */
  public static final CallOptions NONE = new CallOptions(Map.of(), null, null, null);

  private final Map<String, Object> parameters;
  private final @Nullable LanguageModel model;
  private final @Nullable Duration timeout;
  private final @Nullable Executor executor;

  private CallOptions(
      Map<String, Object> parameters,
      @Nullable LanguageModel model,
      @Nullable Duration timeout,
      @Nullable Executor executor) {
    this.parameters = parameters;
    this.model = model;
    this.timeout = timeout;
    this.executor = executor;
  }

  /**
   * Returns options that set a parameter.
   *
   * @param parameter its name, which the program must know
   * @param value its value
   * @return new options
   */
  public CallOptions with(String parameter, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(parameters);
    more.put(parameter, Objects.requireNonNull(value, parameter));
    return new CallOptions(Collections.unmodifiableMap(more), model, timeout, executor);
  }

  /**
   * Returns options that send every question of the run to one model.
   *
   * @param model who answers, whatever the program says
   * @return new options
   */
  public CallOptions withModel(LanguageModel model) {
    return new CallOptions(parameters, model, timeout, executor);
  }

  /**
   * Returns options that bound every model call of the run.
   *
   * @param timeout longer than zero
   * @return new options
   */
  public CallOptions withTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout must be longer than zero, got " + timeout);
    }
    return new CallOptions(parameters, model, timeout, executor);
  }

  /**
   * Returns options that choose the threads of asynchronous runs.
   *
   * @param executor runs programs that have no asynchronous form of their own
   * @return new options
   */
  public CallOptions withExecutor(Executor executor) {
    return new CallOptions(parameters, model, timeout, executor);
  }

  /**
   * Returns the parameters that are set.
   *
   * @return an unmodifiable map
   */
  public Map<String, Object> parameters() {
    return parameters;
  }

  /**
   * Returns the model that is set.
   *
   * @return who answers, or null to leave it to the program
   */
  public @Nullable LanguageModel model() {
    return model;
  }

  /**
   * Returns the bound of every model call.
   *
   * @return the longest a call may take, or null for the model's own
   */
  public @Nullable Duration timeout() {
    return timeout;
  }

  /**
   * Returns the threads of asynchronous runs.
   *
   * @return the executor given, else daemon threads: virtual ones where the JVM has them
   */
  public Executor executor() {
    return executor == null ? DaemonThreads.shared() : executor;
  }

  @Override
  public String toString() {
    return Parameter.shown(parameters) + (model == null ? "" : " by " + model);
  }
}
