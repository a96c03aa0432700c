package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OpenAiModelTest {

  static OpenAiModelBuilder at(RawServer server) {
    return OpenAiModel.builder().baseUrl(server.url()).apiKey("sk-test-0123456789").model("m");
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void ask_wholeAnswer_isReadInEveryForm(Form form) throws Throwable {
    try (RawServer server =
            new RawServer(RawServer.always(RawServer.json(RawServer.answer("hi"))));
        OpenAiModel model = at(server).build()) {

      LmResponse response = form.ask(model, "hello");

      assertThat(response.text()).isEqualTo("hi");
      assertThat(response.usage().total()).isEqualTo(5);
      assertThat(response.id()).isEqualTo("c1");
      assertThat(response.completions().get(0).finishReason()).isEqualTo(FinishReason.STOP);
    }
  }

  @Test
  void stream_events_arriveAsDeltas() throws Throwable {
    try (RawServer server =
            new RawServer(
                peer -> {
                  peer.readRequest();
                  peer.write(RawServer.SSE_HEAD);
                  peer.delta("Hel");
                  peer.delta("lo");
                  peer.finish("stop");
                  peer.event("[DONE]");
                });
        OpenAiModel model = at(server).build()) {

      Collected collected = Collected.of(model.stream(io.trimtab.lm.LmRequest.of("x")));
      LmResponse response = collected.response();

      assertThat(response.text()).isEqualTo("Hello");
      assertThat(collected.chunks)
          .filteredOn(LmChunk.TextDelta.class::isInstance)
          .containsExactly(new LmChunk.TextDelta(0, "Hel"), new LmChunk.TextDelta(0, "lo"));
      assertThat(collected.endings).hasValue(1);
    }
  }
}
