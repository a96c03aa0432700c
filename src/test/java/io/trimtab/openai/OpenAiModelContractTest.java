package io.trimtab.openai;

import io.trimtab.lm.LanguageModel;
import io.trimtab.tck.LanguageModelContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** The data sheet: what every language model promises, kept over real HTTP. */
final class OpenAiModelContractTest implements LanguageModelContract {

  private final List<RawServer> servers = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();

  @AfterEach
  void closeServers() throws IOException {
    for (RawServer server : servers) {
      server.close();
    }
  }

  private Subject over(RawServer.Script script) {
    RawServer server = new RawServer(script);
    servers.add(server);
    OpenAiModel model = OpenAiModelTest.at(server).build();
    return new Subject() {
      @Override
      public LanguageModel model() {
        return model;
      }

      @Override
      public int openExchanges() {
        return open.get();
      }
    };
  }

  @Override
  public Subject answering(String text) {
    return over(
        peer -> {
          for (var request = peer.readRequest(); request != null; request = peer.readRequest()) {
            if (!request.body().contains("\"stream\":true")) {
              peer.write(RawServer.json(RawServer.answer(text)));
              continue;
            }
            peer.write(RawServer.SSE_HEAD);
            for (String word : text.split("(?<= )")) {
              peer.delta(word);
            }
            peer.finish("stop");
            peer.event("[DONE]");
            return;
          }
        });
  }

  @Override
  public Subject failing() {
    return over(RawServer.always(RawServer.response("500 Oops", "", "{\"error\":\"broken\"}")));
  }

  @Override
  public Subject silent() {
    return over(
        peer -> {
          if (peer.readRequest() == null) {
            return;
          }
          open.incrementAndGet();
          try {
            peer.hang();
          } finally {
            open.decrementAndGet();
          }
        });
  }
}
