package io.trimtab.lm;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * The root of what can go wrong when a {@link LanguageModel} is asked.
 *
 * <p>One subtype, one decision: a {@code switch} over the subtypes can be complete. Messages name
 * the model, the status and the provider's own words; they never hold a key or a prompt.
 *
 * <table>
 *   <caption>Subtypes and decisions</caption>
 *   <tr><th>subtype</th><th>what can be done</th></tr>
 *   <tr><td>{@link LmConfigurationException}</td><td>correct the client's settings</td></tr>
 *   <tr><td>{@link LmAuthenticationException}</td><td>renew the key or its rights</td></tr>
 *   <tr><td>{@link LmInvalidRequestException}</td><td>correct the request</td></tr>
 *   <tr><td>{@link LmContextLengthException}</td><td>shorten the prompt</td></tr>
 *   <tr><td>{@link LmContentFilteredException}</td><td>ask differently, or not</td></tr>
 *   <tr><td>{@link LmRateLimitedException}</td><td>ask again after {@code retryAfter}</td></tr>
 *   <tr><td>{@link LmQuotaExhaustedException}</td><td>pay, or raise the budget</td></tr>
 *   <tr><td>{@link LmServerException}</td><td>ask again, or ask another model</td></tr>
 *   <tr><td>{@link LmTransportException}</td><td>ask again, or ask another model</td></tr>
 *   <tr><td>{@link LmTimeoutException}</td><td>allow more time, or ask another model</td></tr>
 *   <tr><td>{@link LmMalformedResponseException}</td><td>ask again, or report the server</td></tr>
 *   <tr><td>{@link LmCircuitOpenException}</td><td>ask another model meanwhile</td></tr>
 *   <tr><td>{@link LmOverloadedException}</td><td>send less, or raise our own limit</td></tr>
 *   <tr><td>{@link LmCancelledException}</td><td>nothing: it was wanted</td></tr>
 * </table>
 */
public abstract sealed class LmException extends TrimtabException
    permits LmAuthenticationException,
        LmCancelledException,
        LmCircuitOpenException,
        LmConfigurationException,
        LmContentFilteredException,
        LmContextLengthException,
        LmInvalidRequestException,
        LmMalformedResponseException,
        LmOverloadedException,
        LmQuotaExhaustedException,
        LmRateLimitedException,
        LmServerException,
        LmTimeoutException,
        LmTransportException {

  private static final long serialVersionUID = 1L;

  private final transient LmErrorOrigin origin;

  LmException(String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message + " (" + origin + ")", cause);
    this.origin = origin;
  }

  /**
   * Returns where the error comes from.
   *
   * @return model key, status and request identifier
   */
  public LmErrorOrigin origin() {
    return origin;
  }

  /**
   * Returns who was asked.
   *
   * @return the model's key
   */
  public ModelKey key() {
    return origin.key();
  }

  /**
   * Returns the HTTP status.
   *
   * @return the status, or null if there was no response
   */
  public @Nullable Integer status() {
    return origin.status();
  }

  /**
   * Returns the provider's identifier of the request.
   *
   * @return the identifier, or null if unknown
   */
  public @Nullable String requestId() {
    return origin.requestId();
  }

  /**
   * Tells whether the same request, sent to the same model again, may well succeed within seconds.
   *
   * @return whether a retry makes sense
   */
  public abstract boolean retryable();
}
