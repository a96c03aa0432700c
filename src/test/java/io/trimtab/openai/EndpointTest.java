package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, https://api.openai.com/v1/chat/completions",
    "https://api.openai.com/v1/, https://api.openai.com/v1/chat/completions",
    "http://localhost:11434, http://localhost:11434/v1/chat/completions",
    "http://localhost:11434//, http://localhost:11434/v1/chat/completions",
    "HTTP://localhost:1/v1, http://localhost:1/v1/chat/completions",
    "https://x.ai/api/v3, https://x.ai/api/v3/chat/completions",
    "https://x.ai/v1beta/openai/, https://x.ai/v1beta/openai/chat/completions",
    "https://x.ai/v1/chat/completions, https://x.ai/v1/chat/completions",
    "http://[::1]:8000/v1, http://[::1]:8000/v1/chat/completions",
    "https://a.openai.azure.com/openai/deployments/d?api-version=1,"
        + " https://a.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
  })
  void of_everyFormOfBaseUrl_findsTheOperation(String base, String expected) {
    assertThat(Endpoint.of(base, Map.of())).hasToString(expected);
  }

  @Test
  void of_moreParameters_areEncodedAndAppended() {
    assertThat(Endpoint.of("http://h/v1?a=1", Map.of("b", "x y&z")))
        .hasToString("http://h/v1/chat/completions?a=1&b=x%20y%26z");
  }

  @Test
  void withoutOperation_isTheBaseAgain() {
    assertThat(Endpoint.withoutOperation(Endpoint.of("http://h:1?key=1", Map.of())))
        .hasToString("http://h:1/v1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:11434",
        "ftp://s3cr3t.example/v1",
        "https://user:s3cr3t@example.com/v1",
        "https:///v1?key=s3cr3t",
        "http://my_s3cr3t:80/v1",
        "http://h/v1#s3cr3t",
        "http://h/v1 ?key=s3cr3t",
        "http://h:0/v1?key=s3cr3t",
        "http://h:65536/v1?key=s3cr3t",
        "",
      })
  void of_unusableUrl_isRefusedWithoutRepeatingIt(String base) {
    assertThatThrownBy(() -> Endpoint.of(base, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("s3cr3t")
        .hasNoCause();
  }
}
