package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Proposes points of a normal distribution that moves and stretches towards good ones: the
 * covariance matrix adaptation evolution strategy.
 *
 * <p>For smooth, ill-conditioned objectives of floating-point parameters and some hundreds of
 * trials. Integers and ordinals keep a margin, a least probability to leave their present value;
 * choices without order have a probability each, which moves towards the options of good trials. A
 * point that breaks a rule is drawn again, at last a random configuration is proposed. When the
 * distribution has shrunk to a point the search starts anew from elsewhere, with generations twice
 * as large. Needs {@code org.hipparchus:hipparchus-core} on the class path, for eigenvalues.
 *
 * <p>Source: N. Hansen, The CMA Evolution Strategy: A Tutorial, 2016.
 *
 * @see GpSampler
 */
public final class CmaEsSampler implements Sampler {
  /*
   * The distribution is found by replaying the history, one generation after the other: trial numbers decide which trials make a
   * generation, and a generation counts once none of it is running. Trials that were not drawn from the distribution of their
   * generation (enqueued, asked for early by parallel workers, moved to the middle of their cell) take part as injected solutions, the
   * length of their steps bounded [1].
   *
   * [1] N. Hansen, Injecting External Solutions Into CMA-ES, INRIA 2011.
   */

  static final String NAME = "cma-es";

  private static final int ATTEMPTS = 100;

  private CmaEsSampler() {}

  /**
   * Returns the sampler.
   *
   * @return a sampler without settings
   * @throws IllegalStateException if Hipparchus is not on the class path
   */
  public static CmaEsSampler create() {
    Hipparchus.require("CmaEsSampler");
    return new CmaEsSampler();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Configuration propose(Search search) {
    ConfigurationSpace space = search.space();
    if (space.dimensions().isEmpty()) {
      return space.defaults();
    }
    NormalSearch distribution = replayed(search);
    var random = search.random();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var drawn = space.decode(distribution.draw(random));
      if (drawn.isPresent()) {
        return drawn.get();
      }
    }
    return space.sample(random);
  }

  private static NormalSearch replayed(Search search) {
    List<Observation> history = search.history();
    NormalSearch distribution = NormalSearch.first(search.space().dimensions());
    int from = 0;
    while (from + distribution.generation() <= history.size()) {
      List<Observation> trials = history.subList(from, from + distribution.generation());
      if (trials.stream().anyMatch(o -> o.status() == Observation.Status.RUNNING)) {
        break;
      }
      from += trials.size();
      List<Observation> complete = new ArrayList<>(trials);
      complete.removeIf(o -> o.status() != Observation.Status.COMPLETE);
      distribution.learn(ParetoOrder.of(complete).stream().map(Observation::point).toList());
      if (distribution.hasConverged()) {
        distribution = distribution.restarted(search.seed());
      }
    }
    return distribution;
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).toTree();
  }

  static CmaEsSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER));
    return create();
  }

  @Override
  public String toString() {
    return NAME;
  }
}
