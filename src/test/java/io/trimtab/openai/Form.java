package io.trimtab.openai;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The three forms of a call, so that a test can be run over each. */
enum Form {
  BLOCKING {
    @Override
    LmResponse ask(LanguageModel model, LmRequest request) {
      return model.generate(request);
    }
  },
  ASYNC {
    @Override
    LmResponse ask(LanguageModel model, LmRequest request) throws Throwable {
      try {
        return model.generateAsync(request).get(30, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw e.getCause();
      } catch (TimeoutException e) {
        throw new AssertionError("the future did not complete within 30 s", e);
      }
    }
  },
  STREAM {
    @Override
    LmResponse ask(LanguageModel model, LmRequest request) throws Throwable {
      return Collected.of(model.stream(request)).response();
    }
  };

  abstract LmResponse ask(LanguageModel model, LmRequest request) throws Throwable;

  LmResponse ask(LanguageModel model, String prompt) throws Throwable {
    return ask(model, LmRequest.of(prompt));
  }
}
