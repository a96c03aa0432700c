package io.trimtab.program;

import io.trimtab.lm.LanguageModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The language models a program may ask, by the names its {@code model} parameter uses. The first
 * one answers unless the parameter names another.
 *
 * <p>Immutable; does not close the models.
 */
public final class Models {

  private final Map<String, LanguageModel> byName;

  private Models(Map<String, LanguageModel> byName) {
    this.byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
  }

  /**
   * Names one model after itself.
   *
   * @param model who answers
   * @return the models; the name is that of {@link LanguageModel#key()}
   */
  public static Models of(LanguageModel model) {
    return of(model.key().model(), model);
  }

  /**
   * Names one model.
   *
   * @param name what the {@code model} parameter calls it
   * @param model who answers
   * @return the models
   */
  public static Models of(String name, LanguageModel model) {
    return new Models(Map.of(name, model));
  }

  /**
   * Adds a model.
   *
   * @param name what the {@code model} parameter calls it
   * @param model who answers
   * @return new models, in which an older one of that name is replaced
   */
  public Models with(String name, LanguageModel model) {
    Map<String, LanguageModel> more = new LinkedHashMap<>(byName);
    more.put(name, model);
    return new Models(more);
  }

  /**
   * Returns the names.
   *
   * @return an unmodifiable set, the default first
   */
  public Set<String> names() {
    return byName.keySet();
  }

  /** Returns the model that answers unless another is named. */
  LanguageModel first() {
    return byName.values().iterator().next();
  }

  @Nullable LanguageModel find(String name) {
    return byName.get(name);
  }

  @Override
  public String toString() {
    return byName.keySet().toString();
  }
}
