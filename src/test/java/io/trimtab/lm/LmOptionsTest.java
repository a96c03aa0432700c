package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Options, requests and keys: what is accepted, merged, kept and printed. */
class LmOptionsTest {

  @Test
  void precedence_isModelThenModuleThenCall() {
    LmOptions model = LmOptions.builder().model("m").temperature(1.0).maxTokens(10).build();
    LmOptions module = LmOptions.builder().temperature(0.7).topP(0.9).build();
    LmOptions call = LmOptions.builder().temperature(0.0).build();

    LmOptions inForce = model.overriddenBy(module).overriddenBy(call);

    assertThat(inForce)
        .isEqualTo(LmOptions.builder().model("m").temperature(0.0).maxTokens(10).topP(0.9).build());
  }

  @Test
  void noOption_hasADefault() {
    assertThat(LmOptions.NONE.temperature()).isNull();
    assertThat(LmOptions.NONE.maxTokens()).isNull();
    assertThat(LmOptions.NONE).hasToString("{}");
  }

  @Test
  void extraFields_areMergedByName() {
    LmOptions weak = LmOptions.builder().extra("a", 1).extra("b", 2).build();
    LmOptions strong = LmOptions.builder().extra("b", 3).build();

    assertThat(weak.overriddenBy(strong).extra()).isEqualTo(Map.of("a", 1, "b", 3));
  }

  @Test
  void anEmptyListOfStops_overridesOneThatIsSet() {
    LmOptions weak = LmOptions.builder().stop(List.of("END")).build();

    assertThat(weak.overriddenBy(LmOptions.builder().stop(List.of()).build()).stop()).isEmpty();
    assertThat(weak.overriddenBy(LmOptions.NONE).stop()).containsExactly("END");
  }

  @Test
  void valuesOutOfRange_areRefusedByName() {
    assertRefused("temperature", LmOptions.builder().temperature(-0.1));
    assertRefused("temperature", LmOptions.builder().temperature(Double.NaN));
    assertRefused("temperature", LmOptions.builder().temperature(Double.POSITIVE_INFINITY));
    assertRefused("topP", LmOptions.builder().topP(0.0));
    assertRefused("maxTokens", LmOptions.builder().maxTokens(0));
    assertRefused("n must", LmOptions.builder().n(0));
    assertRefused("presencePenalty", LmOptions.builder().presencePenalty(2.1));
    assertRefused("frequencyPenalty", LmOptions.builder().frequencyPenalty(-2.1));
    assertRefused("timeout", LmOptions.builder().timeout(Duration.ZERO));
    assertRefused("model", LmOptions.builder().model(" "));
    assertRefused("thing", LmOptions.builder().extra("thing", new Object()));
  }

  private static void assertRefused(String name, LmOptions.Builder builder) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  @Test
  void aRequest_keepsNothingOfItsGiver() {
    List<Message> messages = new ArrayList<>(List.of(Message.user("one")));
    Map<String, Object> schema = new HashMap<>(Map.of("properties", new HashMap<>()));
    LmRequest request =
        LmRequest.builder()
            .messages(messages)
            .tool(new ToolSpec("tool", "does", schema))
            .responseFormat(ResponseFormat.jsonSchema("s", schema))
            .build();

    messages.clear();
    schema.clear();

    assertThat(request.messages()).hasSize(1);
    assertThat(request.tools().get(0).parameters()).containsKey("properties");
    assertThat(((ResponseFormat.JsonSchema) request.responseFormat()).schema())
        .containsKey("properties");
  }

  @Test
  void aRequestWithoutMessagesOrWithTwinTools_isRefused() {
    ToolSpec tool = new ToolSpec("twin", "", Map.of());

    assertThatThrownBy(() -> LmRequest.builder().build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LmRequest.builder().user("?").tool(tool).tool(tool).build())
        .hasMessageContaining("twin");
    assertThatThrownBy(() -> new ToolSpec("not a name", "", Map.of()))
        .hasMessageContaining("not a name");
  }

  @Test
  void aTreeDeeperThanItMayBe_isRefusedWithoutAStackOverflow() {
    Map<String, Object> tree = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      tree = new HashMap<>(Map.of("next", tree));
    }
    Map<String, Object> deep = tree;

    assertThatThrownBy(() -> new ToolSpec("t", "", deep))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aKey_holdsNoSecret() {
    URI address = URI.create("https://user:secret@host:8443/v1?api-key=secret#secret");

    ModelKey key = ModelKey.of("azure", "gpt", address);

    assertThat(key.baseUrl()).isEqualTo("https://host:8443/v1");
    assertThat(key).hasToString("azure/gpt at https://host:8443/v1");
    assertThatThrownBy(() -> new ModelKey("azure", "gpt", address.toString()))
        .hasMessageNotContaining("secret");
  }

  @Test
  void anException_saysWhereItComesFrom() {
    LmException failure =
        new LmServerException(
            "expected an answer, got 503",
            new LmErrorOrigin(ModelKey.local("p", "m"), 503, "req-1"),
            null);

    assertThat(failure).hasMessage("expected an answer, got 503 (p/m, status 503, request req-1)");
    assertThat(failure.status()).isEqualTo(503);
    assertThat(failure.retryable()).isTrue();
  }
}
