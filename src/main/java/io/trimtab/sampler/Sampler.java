package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.InfeasibleSpaceException;
import io.trimtab.space.SamplingException;
import java.util.Map;

/**
 * Proposes the configuration to try next.
 *
 * <pre>{@code
 * Sampler sampler = TpeSampler.create();
 * Configuration next = sampler.propose(Search.of(space, 42, history));
 * }</pre>
 *
 * <p><b>Valid.</b> A proposal satisfies every rule of the space and has no value for an inactive
 * parameter.
 *
 * <p><b>Reproducible.</b> A proposal depends on the search (its space, seed, history and trial
 * number) and on the sampler's settings alone: the same search gives the same proposal, in any
 * order of calls, by any thread, in any process. What a sampler keeps between calls may make it
 * faster and nothing else.
 *
 * <p><b>History.</b> Any history will do: configurations from elsewhere, trials in every {@link
 * Observation.Status}, equal configurations with different losses.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once.
 *
 * <p><b>Saving.</b> {@link #toTree} holds the settings; the history is the study's to keep. A
 * sampler restored from them goes on as if nothing had happened.
 */
public interface Sampler {

  /**
   * Returns what to call the sampler in reports.
   *
   * @return a short lower-case word such as {@code tpe}
   */
  String name();

  /**
   * Proposes a configuration.
   *
   * @param search what is searched, what was tried, and where chance comes from
   * @return a valid configuration of the search's space
   * @throws SamplingException if no valid configuration could be found within bounds
   * @throws InfeasibleSpaceException if there is none
   */
  Configuration propose(Search search);

  /**
   * Returns how many things it can search for at once.
   *
   * @return the largest number of losses per observation it makes sense of, at least 1
   */
  default int mostObjectives() {
    return 1;
  }

  /**
   * Returns the settings as plain JSON values.
   *
   * @return an unmodifiable map with the {@link #name} under {@code sampler}
   */
  Map<String, Object> toTree();

  /**
   * Reads what {@link #toTree} of a sampler of this package wrote.
   *
   * @param tree the settings
   * @return a sampler that makes the same proposals
   * @throws io.trimtab.json.JsonException if a setting is missing, unknown or malformed
   */
  static Sampler fromTree(JsonObject tree) {
    return Settings.read(tree);
  }
}
