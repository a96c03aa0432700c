package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import java.util.Map;
import java.util.Set;

/**
 * Proposes valid configurations uniformly under the declared scales, priors and weights, whatever
 * was observed.
 */
public final class RandomSampler implements Sampler {

  static final String NAME = "random";

  private RandomSampler() {}

  /**
   * Returns the sampler.
   *
   * @return a sampler without settings
   */
  public static RandomSampler create() {
    return new RandomSampler();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Configuration propose(Search search) {
    return search.space().sample(search.random());
  }

  @Override
  public int mostObjectives() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).toTree();
  }

  static RandomSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER));
    return create();
  }

  @Override
  public String toString() {
    return NAME;
  }
}
