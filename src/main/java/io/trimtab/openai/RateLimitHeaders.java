package io.trimtab.openai;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads from the {@code x-ratelimit-*} headers when a used-up limit is renewed. */
final class RateLimitHeaders {

  /** Such as {@code 6m0s}, {@code 1h2m3.5s}, {@code 250ms} or plain seconds. */
  private static final Pattern RESET =
      Pattern.compile(
          "(?:(\\d{1,5})h)?(?:(\\d{1,6})m(?!s))?(?:(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s)?)?");

  private RateLimitHeaders() {}

  /** Returns the longest wait among the limits of which nothing remains. */
  static Optional<Duration> untilReset(HttpHeaders headers) {
    return Stream.of("requests", "tokens")
        .filter(what -> isUsedUp(headers.allValues("x-ratelimit-remaining-" + what)))
        .flatMap(what -> headers.firstValue("x-ratelimit-reset-" + what).stream())
        .flatMap(text -> duration(text.strip()).stream())
        .max(Comparator.naturalOrder());
  }

  private static boolean isUsedUp(List<String> remaining) {
    return !remaining.isEmpty()
        && remaining.get(0).strip().equals("0"); // Azure says −1 for "unknown"
  }

  private static Optional<Duration> duration(String text) {
    Matcher parts = RESET.matcher(text);
    if (text.isEmpty() || !parts.matches()) {
      return Optional.empty();
    }
    double seconds = parts.group(3) == null ? 0 : Double.parseDouble(parts.group(3));
    double perUnit = "ms".equals(parts.group(4)) ? 1 : 1000;
    return Optional.of(
        Duration.ofHours(parts.group(1) == null ? 0 : Long.parseLong(parts.group(1)))
            .plusMinutes(parts.group(2) == null ? 0 : Long.parseLong(parts.group(2)))
            .plusMillis((long) Math.ceil(seconds * perUnit)));
  }
}
