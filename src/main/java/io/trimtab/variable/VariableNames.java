package io.trimtab.variable;

import java.util.Optional;

/**
 * What a variable may be called: 1 to 128 ASCII letters, digits, {@code _}, {@code -} and {@code
 * .}, starting with a letter or {@code _}, and never with {@value #ID_PREFIX}, which marks ids, so
 * that a name cannot be mistaken for an id.
 */
public final class VariableNames {

  /** What every variable id starts with and no name may start with. */
  public static final String ID_PREFIX = "var_";

  /** Most characters of a name. */
  public static final int MAX_LENGTH = 128;

  private VariableNames() {}

  /**
   * Tells whether a key is an id rather than a name.
   *
   * @param key a name or an id
   * @return whether it carries the reserved prefix
   */
  public static boolean isId(String key) {
    return key.startsWith(ID_PREFIX);
  }

  /**
   * Checks a name.
   *
   * @param name the candidate
   * @return the rule it breaks, or empty for a good name
   */
  public static Optional<Violation> violation(String name) {
    if (isId(name)) {
      return Optional.of(
          Violation.of(
              "name", "a name without the prefix \"var_\", which is reserved for ids", name));
    }
    boolean good = !name.isEmpty() && name.length() <= MAX_LENGTH && isStart(name.charAt(0));
    for (int i = 1; good && i < name.length(); i++) {
      char c = name.charAt(i);
      good = isStart(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    }
    return good
        ? Optional.empty()
        : Optional.of(
            Violation.of(
                "name",
                "1 to 128 letters, digits, '_', '-' or '.', starting with a letter or '_'",
                name));
  }

  private static boolean isStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
}
