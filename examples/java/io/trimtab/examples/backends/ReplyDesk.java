package io.trimtab.examples.backends;

import io.trimtab.lm.LanguageModel;
import io.trimtab.program.Predict;
import io.trimtab.program.Program;
import io.trimtab.variable.VariableSource;
import java.util.Map;

/** A service that knows neither where its values live nor who answers: it is handed both. */
final class ReplyDesk {

  private final Program program;
  private final VariableSource values;

  ReplyDesk(LanguageModel model, VariableSource values) {
    this.program =
        Predict.of("question -> answer", model)
            .bind("temperature", "temperature")
            .bind("instructions", "tone");
    this.values = values;
  }

  String reply(String question) {
    return program.run(Map.of("question", question), values).getString("answer");
  }
}
