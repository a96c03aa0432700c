package io.trimtab.lm;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Names who answers: a provider, a model and where it is reached. Holds no secret, so it may be
 * printed, logged and used as a map key.
 *
 * @param provider such as {@code openai}, not blank
 * @param model such as {@code gpt-4o-mini}, not blank
 * @param baseUrl where the provider is reached, without user info, query and fragment; null for a
 *     model inside this process
 */
public record ModelKey(String provider, String model, @Nullable String baseUrl) {

  /**
   * Rejects blank names and URLs that could carry a credential.
   *
   * @param provider such as {@code openai}, not blank
   * @param model such as {@code gpt-4o-mini}, not blank
   * @param baseUrl where the provider is reached, without user info, query and fragment; null for a
   *     model inside this process
   */
  public ModelKey {
    if (provider.isBlank() || model.isBlank()) {
      throw new IllegalArgumentException(
          "provider and model must not be blank, got \"%s\" and \"%s\"".formatted(provider, model));
    }
    if (baseUrl != null && (baseUrl.indexOf('@') >= 0 || baseUrl.indexOf('?') >= 0)) {
      throw new IllegalArgumentException(
          "a base URL in a model key must have no user info and no query; use ModelKey.of(provider,"
              + " model, uri) to leave them out");
    }
  }

  /**
   * Names a model at an address and leaves out those parts of it that may hold a secret.
   *
   * @param provider such as {@code openai}
   * @param model such as {@code gpt-4o-mini}
   * @param baseUrl an absolute URL
   * @return a key with scheme, host, port and path only
   */
  public static ModelKey of(String provider, String model, URI baseUrl) {
    String port = baseUrl.getPort() < 0 ? "" : ":" + baseUrl.getPort();
    String path = baseUrl.getRawPath() == null ? "" : baseUrl.getRawPath();
    return new ModelKey(
        provider, model, baseUrl.getScheme() + "://" + baseUrl.getHost() + port + path);
  }

  /**
   * Names a model inside this process.
   *
   * @param provider such as {@code scripted}
   * @param model the model's name
   * @return a key without a base URL
   */
  public static ModelKey local(String provider, String model) {
    return new ModelKey(provider, model, null);
  }

  /**
   * Returns the key of another model of the same provider at the same address.
   *
   * @param other the other model's name
   * @return a key that differs in the model only
   */
  public ModelKey withModel(String other) {
    return new ModelKey(provider, other, baseUrl);
  }

  @Override
  public String toString() {
    return baseUrl == null ? provider + "/" + model : provider + "/" + model + " at " + baseUrl;
  }
}
