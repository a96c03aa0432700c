package io.trimtab.tck;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;

/**
 * How the kit gets hold of the provider under test. {@link #open()} is all that most providers
 * supply.
 *
 * <p>Each test opens its own providers and closes them.
 */
@Timeout(120)
public interface StateProviderFixture {

  /**
   * Opens a new, empty provider that shares nothing with those opened before.
   *
   * @return an open provider; the kit closes it
   */
  StateProvider open();

  /**
   * Opens a new provider that begins with an exported state. Override it to test that way of
   * opening; by default an empty provider imports the state.
   *
   * @param initial the state to begin with
   * @return an open provider; the kit closes it
   */
  default StateProvider open(StateExport initial) {
    StateProvider provider = open();
    try {
      provider.importState(initial);
      return provider;
    } catch (RuntimeException e) {
      provider.close();
      throw e;
    }
  }

  /**
   * Lets time pass for the provider. Override it if the provider's clock is in your hands; by
   * default it really passes.
   *
   * @param duration how much, at most a second
   */
  default void pass(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /**
   * Returns how long the kit waits for something that must happen, before it says that it did not.
   *
   * @return 10 seconds unless overridden
   */
  default Duration patience() {
    return Duration.ofSeconds(10);
  }

  /**
   * Returns how many operations each of the kit's threads runs where threads compete.
   *
   * @return 500 unless overridden; slow providers run fewer, long suites more
   */
  default int effort() {
    return 500;
  }
}
