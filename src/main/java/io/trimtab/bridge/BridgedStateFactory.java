package io.trimtab.bridge;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@link BridgedState} providers; registered for {@link java.util.ServiceLoader}.
 *
 * <p>Made without a sidecar it launches one per provider, with the defaults of {@link
 * SidecarLaunch}, and closes it with the provider.
 */
public final class BridgedStateFactory implements StateProviderFactory {

  /** The name of this kind of provider. */
  public static final String NAME = "bridged";

  private final @Nullable Sidecar sidecar;
  private final ReadMode reads;
  private final @Nullable Duration deadline;

  /** Creates a factory, as {@link java.util.ServiceLoader} needs it. */
  public BridgedStateFactory() {
    this(null, ReadMode.LINEARIZABLE, null);
  }

  /**
   * Creates a factory of providers that share a sidecar.
   *
   * @param sidecar where the state is kept; stays open when providers are closed
   */
  public BridgedStateFactory(Sidecar sidecar) {
    this(sidecar, ReadMode.LINEARIZABLE, null);
  }

  private BridgedStateFactory(
      @Nullable Sidecar sidecar, ReadMode reads, @Nullable Duration deadline) {
    this.sidecar = sidecar;
    this.reads = reads;
    this.deadline = deadline;
  }

  /**
   * Returns a factory of providers whose reads promise something else.
   *
   * @param mode linearizable unless chosen here
   * @return a new factory
   */
  public BridgedStateFactory reads(ReadMode mode) {
    return new BridgedStateFactory(sidecar, mode, deadline);
  }

  /**
   * Returns a factory of providers whose operations have another deadline.
   *
   * @param deadline positive
   * @return a new factory
   */
  public BridgedStateFactory deadline(Duration deadline) {
    return new BridgedStateFactory(sidecar, reads, deadline);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StateProvider open(String sessionId, @Nullable StateExport initial) {
    Sidecar shared = sidecar;
    if (shared != null) {
      return builder(sessionId, shared, initial).open();
    }
    Sidecar own = Sidecar.launch().start();
    try {
      return builder(sessionId, own, initial).ownsSidecar().open();
    } catch (RuntimeException e) {
      own.close();
      throw e;
    }
  }

  private BridgedState.Builder builder(
      String sessionId, Sidecar sidecar, @Nullable StateExport initial) {
    BridgedState.Builder builder =
        BridgedState.builder(sessionId, sidecar).reads(reads).initial(initial);
    return deadline == null ? builder : builder.deadline(deadline);
  }

  @Override
  public String toString() {
    return NAME;
  }
}
