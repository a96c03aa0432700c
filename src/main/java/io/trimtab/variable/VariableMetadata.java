package io.trimtab.variable;

import java.util.Optional;

/**
 * What may be noted with a variable, by its definition or by a write: keys of 1 to {@value
 * #MAX_KEY_LENGTH} characters and values of any length, both without U+0000 and unpaired
 * surrogates, which some backends cannot store.
 */
public final class VariableMetadata {

  /** Most characters of a key. */
  public static final int MAX_KEY_LENGTH = 256;

  private VariableMetadata() {}

  /**
   * Checks an entry.
   *
   * @param key the entry's key
   * @param value the entry's value
   * @return the rule it breaks, or empty for a good entry
   */
  public static Optional<Violation> violation(String key, String value) {
    if (key.isEmpty() || key.length() > MAX_KEY_LENGTH || StorableText.brokenRule(key) != null) {
      return Optional.of(
          Violation.of(
              "metadata key",
              "1 to %d characters without U+0000 and unpaired surrogates".formatted(MAX_KEY_LENGTH),
              key));
    }
    String rule = StorableText.brokenRule(value);
    return rule == null
        ? Optional.empty()
        : Optional.of(Violation.missing("metadata of \"%s\"".formatted(key), rule));
  }
}
