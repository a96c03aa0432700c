package io.trimtab.state;

import org.jspecify.annotations.Nullable;

/** Opens {@link LocalState} providers; registered for {@link java.util.ServiceLoader}. */
public final class LocalStateFactory implements StateProviderFactory {

  /** The name of this kind of provider. */
  public static final String NAME = "local";

  /** Creates a factory, as {@link java.util.ServiceLoader} needs it. */
  public LocalStateFactory() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StateProvider open(String sessionId, @Nullable StateExport initial) {
    return LocalState.builder(sessionId).initial(initial).build();
  }

  @Override
  public String toString() {
    return NAME;
  }
}
