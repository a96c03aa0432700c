package io.trimtab.examples.bridge;

import io.trimtab.bridge.Sidecar;
import io.trimtab.bridge.SidecarLaunch;
import io.trimtab.lm.EmbeddedLanguageModel;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.ResilientLanguageModel;
import io.trimtab.openai.OpenAiModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the examples with a Python program share: the sidecar, and a small and a large model. */
final class PythonExamples {

  private static final String DSPY = "dspy>=3.4,<4";

  private PythonExamples() {}

  /** Starts a sidecar with one module of {@code examples/python}. */
  static Sidecar sidecar(SidecarLaunch launch, String module) {
    Path sources = Path.of("examples", "python");
    if (!Files.exists(sources.resolve(module + ".py"))) {
      throw new IllegalStateException(
          "%s is not here; run the example in the project's folder, not in %s"
              .formatted(sources, Path.of("").toAbsolutePath()));
    }
    return launch.pythonPath(sources).programModules(module).requirements(DSPY).start();
  }

  /** The models by the names Python knows: embedded ones, or those of the environment's server. */
  static Map<String, LanguageModel> models(Map<String, String> environment) {
    boolean server =
        environment.containsKey("OPENAI_API_KEY") || environment.containsKey("OPENAI_BASE_URL");
    if (!server) {
      return Map.of(
          "small", EmbeddedLanguageModel.create(EmbeddedLanguageModel.SMALL),
          "large", EmbeddedLanguageModel.create(EmbeddedLanguageModel.LARGE));
    }
    List<String> names =
        List.of(environment.getOrDefault("OPENAI_MODEL", "gpt-4o-mini,gpt-4o").split(","));
    return Map.of(
        "small", ofServer(environment, names.get(0)),
        "large", ofServer(environment, names.get(names.size() - 1)));
  }

  private static LanguageModel ofServer(Map<String, String> environment, String name) {
    var builder = OpenAiModel.builder().environment(environment).model(name.strip());
    if (!environment.containsKey("OPENAI_API_KEY")) {
      builder.withoutKey();
    }
    return ResilientLanguageModel.lm(builder.build());
  }
}
