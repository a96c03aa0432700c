package io.trimtab.state;

import io.trimtab.variable.VariableSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Variables and documents as they stood together at one revision.
 *
 * <p>Immutable, and a {@link VariableSource}: a program run with it sees values that belong
 * together.
 */
public final class StateSnapshot implements VariableSource {

  private final String sessionId;
  private final long revision;
  private final Map<String, VariableState> variables;
  private final Map<String, StateDocument> documents;
  private final Map<String, VariableState> byId;

  /**
   * Creates a snapshot.
   *
   * @param sessionId whose state it is
   * @param revision the revision it was taken at
   * @param variables the variables by name, in order of registration
   * @param documents the documents by key
   */
  public StateSnapshot(
      String sessionId,
      long revision,
      Map<String, VariableState> variables,
      Map<String, StateDocument> documents) {
    this.sessionId = sessionId;
    this.revision = revision;
    this.variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    this.documents = Map.copyOf(documents);
    Map<String, VariableState> ids = new LinkedHashMap<>();
    variables.values().forEach(state -> ids.put(state.id(), state));
    this.byId = ids;
  }

  /**
   * Returns whose state it is.
   *
   * @return the session's id
   */
  public String sessionId() {
    return sessionId;
  }

  /**
   * Returns the revision the snapshot was taken at.
   *
   * @return at least 0
   */
  public long revision() {
    return revision;
  }

  /**
   * Returns the variables.
   *
   * @return an unmodifiable map by name, in order of registration
   */
  public Map<String, VariableState> variables() {
    return variables;
  }

  /**
   * Returns the documents.
   *
   * @return an unmodifiable map by key
   */
  public Map<String, StateDocument> documents() {
    return documents;
  }

  /**
   * Returns one variable, if it is in the snapshot.
   *
   * @param key a name or an id
   * @return its state, or null
   */
  public @Nullable VariableState find(String key) {
    VariableState state = variables.get(key);
    return state == null ? byId.get(key) : state;
  }

  /**
   * Returns the values alone.
   *
   * @return an unmodifiable map by name, in order of registration
   */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    variables.forEach((name, state) -> values.put(name, state.value()));
    return Collections.unmodifiableMap(values);
  }

  @Override
  public @Nullable Object lookup(String key) {
    VariableState state = find(key);
    return state == null ? null : state.value();
  }

  @Override
  public StateSnapshot snapshot() {
    return this;
  }

  @Override
  public String describe() {
    return "session \"%s\" at revision %d".formatted(sessionId, revision);
  }

  @Override
  public String toString() {
    return describe() + " " + values();
  }
}
