package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryAfterTest {

  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));

  private static HttpHeaders headers(String... pairs) {
    Map<String, List<String>> map = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], List.of(pairs[i + 1]));
    }
    return HttpHeaders.of(map, (name, value) -> true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|PT0S",
        "1|PT1S",
        "30|PT30S",
        "1.5|PT1.5S",
        "0.0004|PT0.001S",
        "1e9|PT277777H46M40S",
        "Sat, 21 Nov 2026 12:01:30 GMT|PT1M30S",
        "Saturday, 21-Nov-26 12:01:30 GMT|PT1M30S",
        "Sat Nov 21 12:01:30 2026|PT1M30S",
        "Fri, 20 Nov 2026 12:00:00 GMT|PT0S",
        "-1|",
        "abc|",
        "NaN|",
        "1e999|",
        "1e99999999999|",
        "Sat, 99 Nov 2026 12:00:00 GMT|",
        "''|",
      })
  void read_header_inEveryForm(String value, String expected) {
    assertThat(RetryAfter.read(headers("Retry-After", value), null, NOON).map(Duration::toString))
        .isEqualTo(Optional.ofNullable(expected));
  }

  @Test
  void read_millisecondsHeader_winsOverSeconds() {
    HttpHeaders headers = headers("Retry-After", "2", "retry-after-ms", "1250.5");

    assertThat(RetryAfter.read(headers, null, NOON)).contains(Duration.ofMillis(1251));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Requests exceeded. Please retry after 86400 seconds.|PT24H",
        "Please try again in 6m0s.|PT6M",
        "Please try again in 1h2m3.5s|PT1H2M3.5S",
        "Please try again in 250ms.|PT0.25S",
        "Try again in 1.2s. Visit|PT1.2S",
        "please wait a while|",
        "retry after lunch|",
        "retry after 99999999999999999999 seconds|",
      })
  void read_wordingOfTheError_whenNoHeaderSays(String text, String expected) {
    assertThat(RetryAfter.read(headers(), text, NOON).map(Duration::toString))
        .isEqualTo(Optional.ofNullable(expected));
  }

  @Test
  void untilReset_usedUpLimit_givesTheLongestWait() {
    HttpHeaders headers =
        headers(
            "x-ratelimit-remaining-requests", "0",
            "x-ratelimit-reset-requests", "1s",
            "x-ratelimit-remaining-tokens", "0",
            "x-ratelimit-reset-tokens", "6m0s");

    assertThat(RateLimitHeaders.untilReset(headers)).contains(Duration.ofMinutes(6));
  }

  @Test
  void untilReset_somethingRemainsOrIsUnknown_saysNothing() {
    HttpHeaders headers =
        headers(
            "x-ratelimit-remaining-requests", "-1",
            "x-ratelimit-reset-requests", "1s",
            "x-ratelimit-remaining-tokens", "5",
            "x-ratelimit-reset-tokens", "1s");

    assertThat(RateLimitHeaders.untilReset(headers)).isEmpty();
  }
}
