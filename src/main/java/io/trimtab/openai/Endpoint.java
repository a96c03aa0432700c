package io.trimtab.openai;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds the address of chat completions from whatever form of base URL a user has. */
final class Endpoint {

  private static final String OPERATION = "/chat/completions";

  private Endpoint() {}

  /**
   * Returns the address to post to. A URL without path gets {@code /v1}; one with a path ({@code
   * /v1}, {@code /openai}, {@code /openai/deployments/name}) is taken as it is; a trailing slash
   * does not matter; a full address stays.
   *
   * @param base the base URL
   * @param query parameters to add to those of the base URL
   * @throws IllegalArgumentException if the base URL is not usable; the message shows neither user
   *     info nor query
   */
  static URI of(String base, Map<String, String> query) {
    URI uri = parsed(base.strip());
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
    if (path.isEmpty()) {
      path = "/v1";
    }
    if (!path.endsWith(OPERATION)) {
      path += OPERATION;
    }
    return URI.create(
        uri.getScheme().toLowerCase(Locale.ROOT)
            + "://"
            + uri.getRawAuthority()
            + path
            + query(uri, query));
  }

  /** Returns the address a model is known by: without the operation, without query. */
  static URI withoutOperation(URI endpoint) {
    String path = endpoint.getRawPath();
    return URI.create(
        endpoint.getScheme()
            + "://"
            + endpoint.getRawAuthority()
            + path.substring(0, path.length() - OPERATION.length()));
  }

  private static URI parsed(String base) {
    URI uri;
    try {
      uri = new URI(base);
    } catch (URISyntaxException e) {
      // Neither the text nor the cause is repeated: a URL may hold a password or a key.
      throw new IllegalArgumentException(
          "base URL is not a URL: %s at character %d".formatted(e.getReason(), e.getIndex() + 1));
    }
    if (!"http".equalsIgnoreCase(uri.getScheme()) && !"https".equalsIgnoreCase(uri.getScheme())) {
      throw new IllegalArgumentException(
          "base URL must start with http:// or https://, got scheme " + uri.getScheme());
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "base URL must hold no user name and password; send them as a header instead");
    }
    if (uri.getHost() == null) {
      throw new IllegalArgumentException(
          "base URL needs a host name of letters, digits, '-' and '.' (no underscore)");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new IllegalArgumentException(
          "base URL needs a port from 1 to 65535, got " + uri.getPort());
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException("base URL must have no fragment (#...)");
    }
    return uri;
  }

  private static String query(URI uri, Map<String, String> more) {
    String added =
        more.entrySet().stream()
            .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&"));
    String own = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    String both = own.isEmpty() || added.isEmpty() ? own + added : own + "&" + added;
    return both.isEmpty() ? "" : "?" + both;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
