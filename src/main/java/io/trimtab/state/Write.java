package io.trimtab.state;

import org.jspecify.annotations.Nullable;

/** One element of a {@link Batch}. */
public sealed interface Write {

  /**
   * Returns what the write is about.
   *
   * @return a variable's name or id, or a document's key
   */
  String key();

  /**
   * Returns the version the subject must have for the batch to be accepted.
   *
   * @return a version, 0 for "must not exist", or null for no expectation
   */
  @Nullable Long expectedVersion();

  /**
   * Gives a variable a new value.
   *
   * @param key the variable's name or id
   * @param value the new value, of any type its domain can cast
   * @param expectedVersion the version it must have now, or null
   */
  record SetValue(String key, Object value, @Nullable Long expectedVersion) implements Write {}

  /**
   * Removes a variable.
   *
   * @param key the variable's name or id
   * @param expectedVersion the version it must have now, or null
   */
  record DeleteVariable(String key, @Nullable Long expectedVersion) implements Write {}

  /**
   * Writes nothing but makes the batch depend on a variable's version.
   *
   * @param key the variable's name or id
   * @param expectedVersion the version it must have now
   */
  record ExpectVersion(String key, Long expectedVersion) implements Write {}

  /**
   * Puts a document, creating it if it does not exist.
   *
   * @param key the document's key
   * @param content the new text
   * @param expectedVersion the version it must have now, 0 for a document that must not exist yet,
   *     or null
   */
  record PutDocument(String key, String content, @Nullable Long expectedVersion) implements Write {}

  /**
   * Removes a document.
   *
   * @param key the document's key
   * @param expectedVersion the version it must have now, or null
   */
  record DeleteDocument(String key, @Nullable Long expectedVersion) implements Write {}
}
