package io.trimtab.state;

import java.util.Map;

/**
 * What a batch wrote, and at which revision.
 *
 * @param revision the session's revision with this batch applied; unchanged if the batch wrote
 *     nothing
 * @param variables each variable registered, set or deleted (as it was last), by the name or id the
 *     batch used, in the order of the batch
 * @param documents each document put, by key
 */
public record Commit(
    long revision, Map<String, VariableState> variables, Map<String, StateDocument> documents) {

  /**
   * Copies the maps and keeps their order.
   *
   * @param revision the session's revision with this batch applied; unchanged if the batch wrote
   *     nothing
   * @param variables each variable registered, set or deleted (as it was last), by the name or id
   *     the batch used, in the order of the batch
   * @param documents each document put, by key
   */
  public Commit {
    variables = FrozenMap.copyOf(variables);
    documents = FrozenMap.copyOf(documents);
  }
}
