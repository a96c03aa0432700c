package io.trimtab.state;

import io.trimtab.variable.Variable;
import java.time.Instant;
import java.util.Map;

/**
 * A variable with its value at one revision: a snapshot that later writes never change.
 *
 * @param id the stable identity, {@code var_<name>_<suffix>}; survives switching, export and import
 * @param variable the definition
 * @param value the canonical value, within the definition's domain
 * @param version 1 at registration, +1 per accepted write, never reused
 * @param revision the session's revision at which this version was written
 * @param metadata the definition's metadata with that of every write merged over it
 * @param createdAt when the variable was registered
 * @param updatedAt when this version was written
 * @param source who wrote this version: {@code jvm}, {@code python}, or a name the writer gave
 */
public record VariableState(
    String id,
    Variable<?> variable,
    Object value,
    long version,
    long revision,
    Map<String, String> metadata,
    Instant createdAt,
    Instant updatedAt,
    String source) {

  /** Most entries of one variable's metadata. */
  public static final int MAX_METADATA = 256;

  /**
   * Copies the metadata.
   *
   * @param id the stable identity, {@code var_<name>_<suffix>}; survives switching, export and
   *     import
   * @param variable the definition
   * @param value the canonical value, within the definition's domain
   * @param version 1 at registration, +1 per accepted write, never reused
   * @param revision the session's revision at which this version was written
   * @param metadata the definition's metadata with that of every write merged over it
   * @param createdAt when the variable was registered
   * @param updatedAt when this version was written
   * @param source who wrote this version: {@code jvm}, {@code python}, or a name the writer gave
   */
  public VariableState {
    metadata = Map.copyOf(metadata);
  }

  /**
   * Returns the variable's name.
   *
   * @return the definition's name
   */
  public String name() {
    return variable.name();
  }
}
