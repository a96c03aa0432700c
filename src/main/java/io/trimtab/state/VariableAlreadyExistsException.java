package io.trimtab.state;

import io.trimtab.TrimtabException;
import java.util.Collection;
import java.util.List;

/** Says that a variable of a name to register exists already; the first one is unchanged. */
public final class VariableAlreadyExistsException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> names;

  /**
   * Creates an exception.
   *
   * @param names the names that exist already, at least one
   * @param where where they exist, such as {@code session "s1"}
   */
  public VariableAlreadyExistsException(Collection<String> names, String where) {
    super(
        "%s: expected a new name, but it is registered in %s"
            .formatted(String.join(", ", names), where));
    this.names = List.copyOf(names);
  }

  /**
   * Returns the names that exist already.
   *
   * @return at least one
   */
  public List<String> names() {
    return names;
  }
}
