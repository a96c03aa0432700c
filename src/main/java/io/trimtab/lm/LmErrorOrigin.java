package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/**
 * Where an {@link LmException} comes from.
 *
 * @param key who was asked
 * @param status the HTTP status, or null if there was no response
 * @param requestId the provider's identifier of the request, for its support, or null
 */
public record LmErrorOrigin(ModelKey key, @Nullable Integer status, @Nullable String requestId) {

  /**
   * Creates the origin of an error without an HTTP response.
   *
   * @param key who was asked
   * @return the origin
   */
  public static LmErrorOrigin of(ModelKey key) {
    return new LmErrorOrigin(key, null, null);
  }

  /**
   * Creates the origin of an error with an HTTP response.
   *
   * @param key who was asked
   * @param status the HTTP status
   * @return the origin
   */
  public static LmErrorOrigin of(ModelKey key, int status) {
    return new LmErrorOrigin(key, status, null);
  }

  @Override
  public String toString() {
    return key
        + (status == null ? "" : ", status " + status)
        + (requestId == null ? "" : ", request " + requestId);
  }
}
