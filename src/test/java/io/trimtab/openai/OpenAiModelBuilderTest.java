package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmConfigurationException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.ModelKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OpenAiModelBuilderTest {

  @Test
  void fromEnvironment_everythingSet_asksThatServer() throws Exception {
    try (RawServer server =
            new RawServer(RawServer.always(RawServer.json(RawServer.answer("hi"))));
        OpenAiModel model =
            OpenAiModel.fromEnvironment(
                Map.of(
                    "OPENAI_API_KEY", " sk-env-0123456789 \n",
                    "OPENAI_BASE_URL", server.url() + "/",
                    "OPENAI_MODEL", "env-model",
                    "OPENAI_ORG_ID", "org-1",
                    "OPENAI_PROJECT_ID", "proj-1"))) {
      model.generate(LmRequest.of("x"));

      RawServer.Request request = server.requests().get(0);
      assertThat(request.headers())
          .containsEntry("authorization", "Bearer sk-env-0123456789")
          .containsEntry("openai-organization", "org-1")
          .containsEntry("openai-project", "proj-1");
      assertThat(request.body()).contains("\"model\":\"env-model\"");
      assertThat(model.key())
          .isEqualTo(new ModelKey("openai-compatible", "env-model", server.url()));
    }
  }

  @Test
  void fromEnvironment_nothingSet_namesEveryFault() {
    assertThatThrownBy(() -> OpenAiModel.fromEnvironment(Map.of()))
        .isInstanceOf(LmConfigurationException.class)
        .hasMessageContaining("OPENAI_API_KEY")
        .hasMessageContaining("withoutKey()")
        .hasMessageContaining("OPENAI_MODEL");
  }

  @Test
  void fromEnvironment_blankKey_isNoKey() {
    assertThatThrownBy(
            () -> OpenAiModel.fromEnvironment(Map.of("OPENAI_API_KEY", " ", "OPENAI_MODEL", "m")))
        .isInstanceOf(LmConfigurationException.class)
        .hasMessageContaining("no API key");
  }

  @Test
  void build_settingsMadeHere_winOverTheEnvironment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("OPENAI_API_KEY", "sk-env-0123456789");
    environment.put("OPENAI_MODEL", "env-model");
    environment.put("OPENAI_BASE_URL", "http://env/v1");

    try (OpenAiModel model =
        OpenAiModel.builder()
            .environment(environment)
            .model("mine")
            .baseUrl("https://api.openai.com")
            .build()) {
      assertThat(model.key())
          .isEqualTo(new ModelKey("openai", "mine", "https://api.openai.com/v1"));
    }
  }

  @Test
  void build_keyInEnvironmentOnly_isNotPickedUpUnasked() {
    assertThatThrownBy(() -> OpenAiModel.builder().model("m").build())
        .isInstanceOf(LmConfigurationException.class)
        .hasMessageContaining("no API key");
  }

  @Test
  void build_keyAndWithoutKey_isAContradiction() {
    assertThatThrownBy(
            () -> OpenAiModel.builder().model("m").apiKey("sk-0123").withoutKey().build())
        .isInstanceOf(LmConfigurationException.class)
        .hasMessageContaining("withoutKey()");
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, openai",
    "https://me.openai.azure.com/openai/deployments/d, azure",
    "http://localhost:8000, openai-compatible",
  })
  void key_provider_goesByTheHost(String url, String provider) {
    try (OpenAiModel model = OpenAiModel.builder().baseUrl(url).withoutKey().model("m").build()) {
      assertThat(model.key().provider()).isEqualTo(provider);
    }
  }

  @Test
  void key_queryAndKey_areLeftOut() {
    try (OpenAiModel model =
        OpenAiModel.builder()
            .baseUrl("http://h:1/v1?key=hidden")
            .provider("mine")
            .withoutKey()
            .model("m")
            .build()) {
      assertThat(model.key()).isEqualTo(new ModelKey("mine", "m", "http://h:1/v1"));
      assertThat(model).hasToString("OpenAiModel(mine/m at http://h:1/v1)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPENAI_ORG_ID", "OPENAI_PROJECT_ID"})
  void fromEnvironment_valueNoHeaderCanCarry_isRefusedByName(String variable) {
    Map<String, String> environment = new HashMap<>();
    environment.put("OPENAI_API_KEY", "sk-env-0123456789");
    environment.put("OPENAI_MODEL", "m");
    environment.put(variable, "two\nlines");

    assertThatThrownBy(() -> OpenAiModel.fromEnvironment(environment))
        .isInstanceOf(LmConfigurationException.class)
        .hasMessageContaining(variable)
        .hasMessageNotContaining("two");
  }

  /** Chance decided before, anew in every process: hence so many names. */
  @Test
  void header_ofTheSameNameInAnotherCase_takesThePlaceOfOurs() throws Exception {
    try (RawServer server =
            new RawServer(RawServer.always(RawServer.json(RawServer.answer("hi"))));
        OpenAiModel model =
            OpenAiModelTest.at(server)
                .environment(Map.of("OPENAI_ORG_ID", "theirs", "OPENAI_PROJECT_ID", "theirs"))
                .header("user-agent", "mine")
                .header("authorization", "mine")
                .header("openai-organization", "mine")
                .header("OPENAI-PROJECT", "mine")
                .build()) {
      model.generate(LmRequest.of("x"));

      assertThat(server.requests().get(0).headers())
          .containsEntry("user-agent", "mine")
          .containsEntry("authorization", "mine")
          .containsEntry("openai-organization", "mine")
          .containsEntry("openai-project", "mine");
    }
  }

  @Test
  void setter_calledTwice_isRefused() {
    OpenAiModelBuilder builder = OpenAiModel.builder().model("m");

    assertThatThrownBy(() -> builder.model("n"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("model");
  }

  @Test
  void setter_nonsense_isRefused() {
    OpenAiModelBuilder builder = OpenAiModel.builder();

    assertThatThrownBy(() -> builder.header("Content-Length", "1")).hasMessageContaining("own");
    assertThatThrownBy(() -> builder.header("Expect", "1")).hasMessageContaining("own");
    assertThatThrownBy(() -> builder.header("upgrade", "1")).hasMessageContaining("own");
    assertThatThrownBy(() -> builder.header("a b", "1")).hasMessageContaining("a b");
    assertThatThrownBy(() -> builder.maxResponseBytes(5)).hasMessageContaining("1024");
    assertThatThrownBy(() -> builder.systemRole("boss")).hasMessageContaining("boss");
    assertThatThrownBy(() -> Deadlines.DEFAULT.withTotal(Duration.ZERO))
        .hasMessageContaining("total");
  }

  @Test
  void capabilities_areAllUnlessSaidOtherwise() {
    try (OpenAiModel all = OpenAiModel.builder().withoutKey().model("m").build();
        OpenAiModel some =
            OpenAiModel.builder()
                .withoutKey()
                .model("m")
                .capabilities(Set.of(LmCapability.STREAMING))
                .build()) {
      assertThat(all.capabilities()).containsExactlyInAnyOrder(LmCapability.values());
      assertThat(some.capabilities()).containsExactly(LmCapability.STREAMING);
    }
  }
}
