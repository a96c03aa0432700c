package io.trimtab.lm;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A function the model may ask for, described so that it can decide when and how.
 *
 * @param name what the model calls it, 1 to 64 of letters, digits, {@code _} and {@code -}
 * @param description what it does and when to use it
 * @param parameters the JSON schema of its arguments as a tree of maps, lists and plain values;
 *     copied
 */
public record ToolSpec(
    String name, String description, Map<String, ? extends @Nullable Object> parameters) {

  /**
   * Rejects names that servers refuse.
   *
   * @param name what the model calls it, 1 to 64 of letters, digits, {@code _} and {@code -}
   * @param description what it does and when to use it
   * @param parameters the JSON schema of its arguments as a tree of maps, lists and plain values;
   *     copied
   */
  public ToolSpec {
    if (name.isEmpty() || name.length() > 64 || !name.chars().allMatch(ToolSpec::nameCharacter)) {
      throw new IllegalArgumentException(
          "a tool's name must be 1 to 64 of letters, digits, '_' and '-', got \"" + name + '"');
    }
    parameters = JsonTrees.frozen(parameters);
  }

  private static boolean nameCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }
}
