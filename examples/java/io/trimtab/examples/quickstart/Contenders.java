package io.trimtab.examples.quickstart;

import io.trimtab.lm.EmbeddedLanguageModel;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.ResilientLanguageModel;
import io.trimtab.openai.OpenAiModel;
import io.trimtab.openai.OpenAiModelBuilder;
import io.trimtab.program.Models;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The language models the quickstart may choose between.
 *
 * @param models the models, to be closed with this
 * @param description who they are, for people
 * @param rule what must hold between model, module, instructions and demonstrations
 * @param reason why
 * @param ticketsPerScore how many tickets a score is taken from: calls to a server cost money
 */
record Contenders(
    List<LanguageModel> models, String description, String rule, String reason, int ticketsPerScore)
    implements AutoCloseable {

  private static final String MODEL_IF_NONE_IS_NAMED = "gpt-4o-mini";

  /** Returns the embedded models, or those of the server the environment names. */
  static Contenders from(Map<String, String> environment) {
    boolean server = isSet(environment, "OPENAI_API_KEY") || isSet(environment, "OPENAI_BASE_URL");
    return server ? ofServer(environment) : embedded();
  }

  private static boolean isSet(Map<String, String> environment, String name) {
    return !environment.getOrDefault(name, "").isBlank();
  }

  private static Contenders embedded() {
    List<LanguageModel> models = new ArrayList<>();
    EmbeddedLanguageModel.MODELS.forEach(name -> models.add(EmbeddedLanguageModel.create(name)));
    return new Contenders(
        models,
        """
        embedded stand-ins that answer by text similarity, offline.
        Set OPENAI_API_KEY or OPENAI_BASE_URL, and OPENAI_MODEL, to use real ones.""",
        "demonstrations <= 32 || module == 'Predict' || model != '%s'"
            .formatted(EmbeddedLanguageModel.SMALL),
        EmbeddedLanguageModel.SMALL + " cannot read more than 32 demonstrations with reasoning",
        /* ticketsPerScore= */ 112);
  }

  private static Contenders ofServer(Map<String, String> environment) {
    List<LanguageModel> models = new ArrayList<>();
    for (String name : modelNames(environment)) {
      models.add(ResilientLanguageModel.lm(ofServer(environment, name)));
    }
    return new Contenders(
        models,
        String.join("\n", models.stream().map(model -> model.key().toString()).toList()),
        "demonstrations <= 24 || instructions != 'handbook'",
        "the handbook and more than 24 demonstrations make a prompt too long to pay for",
        /* ticketsPerScore= */ 40);
  }

  private static List<String> modelNames(Map<String, String> environment) {
    List<String> names = new ArrayList<>();
    for (String name : environment.getOrDefault("OPENAI_MODEL", "").split(",")) {
      if (!name.isBlank()) {
        names.add(name.strip());
      }
    }
    return names.isEmpty() ? List.of(MODEL_IF_NONE_IS_NAMED) : names;
  }

  private static LanguageModel ofServer(Map<String, String> environment, String name) {
    OpenAiModelBuilder builder = OpenAiModel.builder().environment(environment).model(name);
    if (!isSet(environment, "OPENAI_API_KEY")) {
      builder.withoutKey();
    }
    return builder.build();
  }

  /** Returns the models by their own names, the first being the default. */
  Models byName() {
    Models named = Models.of(models.get(0));
    for (LanguageModel model : models) {
      named = named.with(model.key().model(), model);
    }
    return named;
  }

  @Override
  public void close() {
    models.forEach(LanguageModel::close);
  }
}
