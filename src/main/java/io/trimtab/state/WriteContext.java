package io.trimtab.state;

import io.trimtab.variable.StorableText;
import io.trimtab.variable.VariableMetadata;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who writes, and what is noted with every variable of the write.
 *
 * @param source the writer, 1 to {@value #MAX_SOURCE_LENGTH} characters; {@code jvm} unless given
 * @param owner the lease owner on whose behalf the write happens, or null for none
 * @param metadata merged over the metadata of each variable written, see {@link VariableMetadata}
 */
public record WriteContext(String source, @Nullable String owner, Map<String, String> metadata) {

  /** The JVM writes, without a lease and without metadata. */
  public static final WriteContext JVM = new WriteContext("jvm", null, Map.of());

  /** Most characters of a source. */
  public static final int MAX_SOURCE_LENGTH = 128;

  /**
   * Rejects what some backend could not store and copies the metadata.
   *
   * @param source the writer, 1 to {@value #MAX_SOURCE_LENGTH} characters; {@code jvm} unless given
   * @param owner the lease owner on whose behalf the write happens, or null for none
   * @param metadata merged over the metadata of each variable written, see {@link VariableMetadata}
   */
  public WriteContext {
    if (source.isBlank() || source.length() > MAX_SOURCE_LENGTH || !StorableText.is(source)) {
      throw new IllegalArgumentException(
          "source must have 1 to %d characters, got \"%s\"".formatted(MAX_SOURCE_LENGTH, source));
    }
    metadata = Map.copyOf(metadata);
    metadata.forEach(
        (key, value) ->
            VariableMetadata.violation(key, value)
                .ifPresent(
                    violation -> {
                      throw new IllegalArgumentException(violation.toString());
                    }));
  }

  /**
   * Returns a context that names another writer.
   *
   * @param source the writer
   * @return a new context
   */
  public WriteContext from(String source) {
    return new WriteContext(source, owner, metadata);
  }

  /**
   * Returns a context that writes on behalf of a lease owner.
   *
   * @param owner the owner
   * @return a new context
   */
  public WriteContext onBehalfOf(String owner) {
    return new WriteContext(source, owner, metadata);
  }

  /**
   * Returns a context with one more metadata entry.
   *
   * @param key the entry's key
   * @param value the entry's value
   * @return a new context
   */
  public WriteContext with(String key, String value) {
    Map<String, String> merged = new TreeMap<>(metadata);
    merged.put(key, value);
    return new WriteContext(source, owner, merged);
  }
}
