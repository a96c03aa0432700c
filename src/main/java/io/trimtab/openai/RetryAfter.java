package io.trimtab.openai;

import java.math.BigDecimal;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how long a server asks its clients to stay away, in any of the forms servers use. */
final class RetryAfter {
  /*
   * In order of trust: the header "retry-after-ms" (Azure, OpenAI), "Retry-After" as whole or
   * fractional seconds or as one of the three HTTP dates of RFC 9110 section 5.6.7, then the
   * wording of the error text (Azure: "retry after 86400 seconds", OpenAI: "try again in 6m0s",
   * "in 250ms"). What is negative, not a number or beyond a century counts as not said; a date in
   * the past means now.
   */

  private static final Duration LONGEST = Duration.ofDays(366 * 100L);
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.ENGLISH),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
              .withZone(ZoneOffset.UTC));

  /** Bounded digit runs keep the match linear whatever the server writes. */
  private static final Pattern WORDING =
      Pattern.compile(
          "(?:retry after|try again in|retry in|wait)\\s+(?:(\\d{1,4})h)?\\s*"
              + "(?:(\\d{1,6})m(?!s))?\\s*"
              + "(?:(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(milliseconds?|ms|seconds?|secs?|s)\\b)?",
          Pattern.CASE_INSENSITIVE);

  private RetryAfter() {}

  /**
   * Returns the wait a response asks for.
   *
   * @param headers the response's headers
   * @param text the error's text, or null
   * @param clock what dates are measured against
   * @return the wait, never negative; empty if the server did not say or made no sense
   */
  static Optional<Duration> read(HttpHeaders headers, @Nullable String text, InstantSource clock) {
    return headers
        .firstValue("retry-after-ms")
        .flatMap(value -> number(value, 1))
        .or(() -> headers.firstValue("retry-after").flatMap(value -> secondsOrDate(value, clock)))
        .or(() -> Optional.ofNullable(text).flatMap(RetryAfter::wording));
  }

  private static Optional<Duration> secondsOrDate(String value, InstantSource clock) {
    Optional<Duration> seconds = number(value, 1000);
    return seconds.isPresent() ? seconds : date(value.strip(), clock);
  }

  private static Optional<Duration> number(String value, int millisPerUnit) {
    String text = value.strip();
    if (text.isEmpty() || text.length() > 20 || "+-.0123456789".indexOf(text.charAt(0)) < 0) {
      return Optional.empty();
    }
    try {
      double millis = new BigDecimal(text).doubleValue() * millisPerUnit;
      return millis >= 0 && millis <= LONGEST.toMillis()
          ? Optional.of(Duration.ofMillis((long) Math.ceil(millis)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> date(String value, InstantSource clock) {
    for (DateTimeFormatter format : DATES) {
      try {
        Duration wait = Duration.between(clock.instant(), format.parse(value, Instant::from));
        return Optional.of(wait.isNegative() ? Duration.ZERO : wait)
            .filter(duration -> duration.compareTo(LONGEST) <= 0);
      } catch (DateTimeException e) {
        // Not this form; the next one may fit.
      }
    }
    return Optional.empty();
  }

  private static Optional<Duration> wording(String text) {
    Matcher found = WORDING.matcher(text.length() > 4096 ? text.substring(0, 4096) : text);
    while (found.find()) {
      if (found.group(1) != null || found.group(2) != null || found.group(3) != null) {
        return Optional.of(
            Duration.ofHours(whole(found.group(1)))
                .plusMinutes(whole(found.group(2)))
                .plus(fraction(found.group(3), found.group(4))));
      }
    }
    return Optional.empty();
  }

  private static long whole(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static Duration fraction(@Nullable String digits, @Nullable String unit) {
    if (digits == null || unit == null) {
      return Duration.ZERO;
    }
    int millisPerUnit = unit.toLowerCase(Locale.ROOT).startsWith("m") ? 1 : 1000;
    return number(digits, millisPerUnit).orElse(Duration.ZERO);
  }
}
