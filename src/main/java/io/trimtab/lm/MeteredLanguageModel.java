package io.trimtab.lm;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** Reports every answer of a model to a meter. */
final class MeteredLanguageModel implements LanguageModel {

  private final LanguageModel model;
  private final UsageMeter meter;

  MeteredLanguageModel(LanguageModel model, UsageMeter meter) {
    this.model = model;
    this.meter = meter;
  }

  @Override
  public LmResponse generate(LmRequest request) {
    meter.requireBudget(key());
    LmResponse response = model.generate(request);
    meter.count(response);
    return response;
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    try {
      meter.requireBudget(key());
    } catch (LmQuotaExhaustedException e) {
      return CompletableFuture.failedFuture(e);
    }
    return LmFutures.map(
        model.generateAsync(request),
        response -> {
          meter.count(response);
          return response;
        });
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    Flow.Publisher<LmChunk> counted = LmStreams.onEnd(model.stream(request), meter::count);
    return subscriber -> {
      try {
        meter.requireBudget(key());
      } catch (LmQuotaExhaustedException e) {
        LmStreams.failed(e).subscribe(subscriber);
        return;
      }
      counted.subscribe(subscriber);
    };
  }

  @Override
  public ModelKey key() {
    return model.key();
  }

  @Override
  public Set<LmCapability> capabilities() {
    return model.capabilities();
  }

  @Override
  public void close() {
    model.close();
  }

  @Override
  public String toString() {
    return model + ".metered()";
  }
}
