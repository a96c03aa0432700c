package io.trimtab.state;

import io.trimtab.TrimtabException;
import java.util.List;

/** Says that a dependency would close a cycle; it was not added. */
public final class DependencyCycleException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> cycle;

  /**
   * Creates an exception.
   *
   * @param cycle the names along the cycle, the first repeated at the end
   */
  public DependencyCycleException(List<String> cycle) {
    super("dependency: expected no cycle, got " + String.join(" -> ", cycle));
    this.cycle = List.copyOf(cycle);
  }

  /**
   * Returns the cycle that would have been closed.
   *
   * @return the names along it, the first repeated at the end
   */
  public List<String> cycle() {
    return cycle;
  }
}
