package io.trimtab.sampler;

import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a sampler as a JSON tree under construction, and the samplers by name. */
final class Settings {

  static final String SAMPLER = "sampler";

  private final Map<String, Object> tree = new LinkedHashMap<>();

  private Settings(String name) {
    tree.put(SAMPLER, name);
  }

  static Settings of(String name) {
    return new Settings(name);
  }

  Settings with(String key, Object value) {
    tree.put(key, value);
    return this;
  }

  Map<String, Object> toTree() {
    return Collections.unmodifiableMap(tree);
  }

  /** Reads an optional int; a number too large for one is refused rather than cut. */
  static int integer(JsonObject tree, String key, int fallback) {
    long value = tree.integer(key, fallback);
    if (value != (int) value) {
      throw new JsonException(
          "%s.%s: expected a 32-bit integer, got %d".formatted(tree.path(), key, value));
    }
    return (int) value;
  }

  static Sampler read(JsonObject tree) {
    String name = tree.string(SAMPLER);
    try {
      return switch (name) {
        case RandomSampler.NAME -> RandomSampler.fromTree(tree);
        case GridSampler.NAME -> GridSampler.fromTree(tree);
        case SobolSampler.NAME -> SobolSampler.fromTree(tree);
        case LatinHypercubeSampler.NAME -> LatinHypercubeSampler.fromTree(tree);
        case TpeSampler.NAME -> TpeSampler.fromTree(tree);
        case GpSampler.NAME -> GpSampler.fromTree(tree);
        case CmaEsSampler.NAME -> CmaEsSampler.fromTree(tree);
        case EvolutionSampler.NAME -> EvolutionSampler.fromTree(tree);
        case Nsga2Sampler.NAME -> Nsga2Sampler.fromTree(tree);
        default ->
            throw new JsonException(
                "%s.%s: no sampler is called \"%s\"".formatted(tree.path(), SAMPLER, name));
      };
    } catch (IllegalArgumentException e) {
      throw new JsonException(tree.path() + ": " + e.getMessage(), e);
    }
  }
}
