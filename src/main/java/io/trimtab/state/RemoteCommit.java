package io.trimtab.state;

import io.trimtab.variable.Variable;
import java.time.Instant;
import java.util.List;

/**
 * What one commit of another provider did, as a {@link StateReplica} is told of it.
 *
 * @param revision the revision it made
 * @param at when it was made
 * @param context its source and the metadata merged into every variable written
 * @param steps what it did to variables, in order
 * @param documents the documents it put, as they are now
 * @param deletedDocuments the keys of the documents it deleted
 */
public record RemoteCommit(
    long revision,
    Instant at,
    WriteContext context,
    List<Step> steps,
    List<StateDocument> documents,
    List<String> deletedDocuments) {

  /**
   * Copies the lists.
   *
   * @param revision the revision it made
   * @param at when it was made
   * @param context its source and the metadata merged into every variable written
   * @param steps what it did to variables, in order
   * @param documents the documents it put, as they are now
   * @param deletedDocuments the keys of the documents it deleted
   */
  public RemoteCommit {
    steps = List.copyOf(steps);
    documents = List.copyOf(documents);
    deletedDocuments = List.copyOf(deletedDocuments);
  }

  /** What a commit did to one variable. */
  public sealed interface Step {

    /**
     * Returns which variable.
     *
     * @return its id
     */
    String id();

    /**
     * Returns the variable's version after the step.
     *
     * @return at least 1; the last one if it was deleted
     */
    long version();
  }

  /**
   * A variable was registered with its default value.
   *
   * @param id the variable's id
   * @param version its first version
   * @param variable its definition
   */
  public record Registered(String id, long version, Variable<?> variable) implements Step {}

  /**
   * A variable was set.
   *
   * @param id the variable's id
   * @param version its new version
   * @param value its new value, canonical
   */
  public record Set(String id, long version, Object value) implements Step {}

  /**
   * A variable was deleted.
   *
   * @param id the variable's id
   * @param version its last version
   */
  public record Deleted(String id, long version) implements Step {}
}
