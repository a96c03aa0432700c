package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.GuidePage;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.ResilientLanguageModel;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The code of {@code docs/openai.md}, run; and that page, compared with this code. */
final class OpenAiGuideTest {

  @Test
  void page_showsThisCode() throws Exception {
    GuidePage.assertBlocksAreRegionsOf("openai.md", OpenAiGuideTest.class);
  }

  @Test
  void openAi_isAskedWithAKey() {
    String key = "sk-test-0123456789";

    // tag::openai[]
    OpenAiModel model = OpenAiModel.builder().apiKey(key).model("gpt-4o-mini").build();
    // end::openai[]

    assertThat(model).hasToString("OpenAiModel(openai/gpt-4o-mini at https://api.openai.com/v1)");
    model.close();
  }

  @Test
  void environment_isReadWhenAsked() {
    Map<String, String> environment =
        Map.of("OPENAI_API_KEY", "sk-test-0123456789", "OPENAI_MODEL", "m");

    // tag::environment[]
    OpenAiModel model = OpenAiModel.fromEnvironment(environment); // or fromEnvironment()
    // end::environment[]

    assertThat(model.key().model()).isEqualTo("m");
    model.close();
  }

  @Test
  void localServer_wantsNoKey() throws Exception {
    try (RawServer server =
        new RawServer(RawServer.always(RawServer.json(RawServer.answer("hi"))))) {
      String url = "http://localhost:" + server.port();

      // tag::local[]
      OpenAiModel model = OpenAiModel.builder().baseUrl(url).withoutKey().model("llama3").build();
      // end::local[]

      assertThat(model.generate(LmRequest.of("x")).text()).isEqualTo("hi");
      model.close();
    }
  }

  @Test
  void azure_wantsAVersion() {
    String key = "0123456789abcdef";

    // tag::azure[]
    OpenAiModel model =
        OpenAiModel.builder()
            .baseUrl("https://my-resource.openai.azure.com/openai/deployments/my-deployment")
            .azure("2024-10-21")
            .apiKey(key)
            .model("gpt-4o")
            .build();
    // end::azure[]

    assertThat(model.key().provider()).isEqualTo("azure");
    model.close();
  }

  @Test
  void settings_canAllBeMade() {
    String url = "http://localhost:8000";

    // tag::settings[]
    OpenAiModel model =
        OpenAiModel.builder()
            .baseUrl(url)
            .withoutKey()
            .model("qwen3")
            .deadlines(
                new Deadlines(
                    /* connect= */ Duration.ofSeconds(2),
                    /* firstHeader= */ Duration.ofSeconds(30),
                    /* idle= */ Duration.ofSeconds(20),
                    /* total= */ Duration.ofMinutes(2)))
            .maxResponseBytes(4 << 20)
            .streamUsage(true)
            .maxTokensField(MaxTokensField.MAX_TOKENS)
            .capabilities(Set.of(LmCapability.STREAMING, LmCapability.TOOLS))
            .build();
    // end::settings[]

    assertThat(model.capabilities()).hasSize(2);
    model.close();
  }

  @Test
  void resilience_isAWrapper() {
    OpenAiModel model = OpenAiModel.builder().apiKey("sk-0123").model("m").build();

    // tag::resilient[]
    LanguageModel guarded = ResilientLanguageModel.lm(model); // closes the model with itself
    // end::resilient[]

    assertThat(guarded.key()).isEqualTo(model.key());
    guarded.close();
  }

  @Test
  void httpClient_canBeTheCallers() {
    ProxySelector proxies = ProxySelector.getDefault();

    // tag::transport[]
    HttpClient client = HttpClient.newBuilder().proxy(proxies).build(); // redirects stay off
    OpenAiModel model =
        OpenAiModel.builder()
            .transport(JdkTransport.over(client))
            .apiKey("sk-...")
            .model("gpt-4o-mini")
            .build();
    // end::transport[]

    assertThat(model.key().provider()).isEqualTo("openai");
    model.close();
  }
}
