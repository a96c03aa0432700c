package io.trimtab.lm;

import io.trimtab.tck.LanguageModelContract;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;

/** Every model of this package against the contract, bare and wrapped around a scripted one. */
class LanguageModelContractTest {

  private static final LmException REFUSED =
      new LmInvalidRequestException(
          "refused", null, LmErrorOrigin.of(ModelKey.local("scripted", "scripted"), 400), null);

  /** Wraps a scripted model and looks behind it. */
  private abstract static class Wrapped implements LanguageModelContract {

    private final UnaryOperator<LanguageModel> wrapper;

    Wrapped(UnaryOperator<LanguageModel> wrapper) {
      this.wrapper = wrapper;
    }

    @Override
    public Subject answering(String text) {
      return subject(ScriptedAnswer.text(text));
    }

    @Override
    public Subject failing() {
      return subject(ScriptedAnswer.failure(REFUSED));
    }

    @Override
    public Subject silent() {
      return subject(ScriptedAnswer.never());
    }

    private Subject subject(ScriptedAnswer answer) {
      ScriptedLanguageModel scripted = ScriptedLanguageModel.builder().otherwise(answer).build();
      LanguageModel model = wrapper.apply(scripted);
      return new Subject() {
        @Override
        public LanguageModel model() {
          return model;
        }

        @Override
        public int openExchanges() {
          return scripted.active();
        }
      };
    }
  }

  @Nested
  class Scripted extends Wrapped {
    Scripted() {
      super(model -> model);
    }
  }

  @Nested
  class Resilient extends Wrapped {
    Resilient() {
      super(ResilientLanguageModel::lm);
    }
  }

  @Nested
  class ResilientWithEveryLimit extends Wrapped {
    ResilientWithEveryLimit() {
      super(
          model ->
              ResilientLanguageModel.builder(model)
                  .limits(
                      LmLimits.builder()
                          .concurrency(2)
                          .requestsPerMinute(100_000)
                          .tokensPerMinute(100_000_000)
                          .build())
                  .build());
    }
  }

  @Nested
  class Caching extends Wrapped {
    Caching() {
      super(CachingLanguageModel::of);
    }
  }

  @Nested
  class Fallback extends Wrapped {
    Fallback() {
      super(
          model ->
              FallbackLanguageModel.of(
                  ScriptedLanguageModel.builder()
                      .otherwise(
                          ScriptedAnswer.failure(
                              new LmServerException(
                                  "down", LmErrorOrigin.of(model.key(), 503), null)))
                      .build(),
                  model));
    }
  }

  @Nested
  class Hedged extends Wrapped {
    Hedged() {
      super(
          model ->
              HedgedLanguageModel.of(
                  List.of(
                      model,
                      ScriptedLanguageModel.builder()
                          .otherwise(ScriptedAnswer.failure(REFUSED))
                          .build()),
                  Duration.ofMinutes(1),
                  LmClock.system()));
    }
  }

  @Nested
  class Metered extends Wrapped {
    Metered() {
      super(model -> UsageMeter.create().metering(model));
    }
  }

  @Nested
  class WholeStack extends Wrapped {
    WholeStack() {
      super(
          model ->
              UsageMeter.create()
                  .metering(
                      CachingLanguageModel.of(
                          FallbackLanguageModel.of(
                              ResilientLanguageModel.lm(model),
                              ResilientLanguageModel.lm(model)))));
    }
  }
}
