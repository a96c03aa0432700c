package io.trimtab.variable;

import io.trimtab.TrimtabException;
import java.util.Collection;
import java.util.List;

/** Says that no variable of a name or id exists where it was looked for. */
public final class VariableNotFoundException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> keys;

  /**
   * Creates an exception for one name or id.
   *
   * @param key the name or id that was looked for
   * @param where where it was looked for, such as {@code session "s1"}
   */
  public VariableNotFoundException(String key, String where) {
    this(List.of(key), where);
  }

  /**
   * Creates an exception for several names or ids.
   *
   * @param keys the names and ids that were looked for in vain, at least one
   * @param where where they were looked for, such as {@code session "s1"}
   */
  public VariableNotFoundException(Collection<String> keys, String where) {
    super(
        "%s: expected an existing variable, found none in %s"
            .formatted(String.join(", ", keys), where));
    this.keys = List.copyOf(keys);
  }

  /**
   * Returns the first name or id that was looked for in vain.
   *
   * @return the name or id
   */
  public String key() {
    return keys.get(0);
  }

  /**
   * Returns every name or id that was looked for in vain.
   *
   * @return at least one
   */
  public List<String> keys() {
    return keys;
  }
}
