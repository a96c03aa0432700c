package io.trimtab.tck.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** One run of a compliance kit on a data sheet, in a test of the kit itself. */
final class KitRun {

  private final String sheet;
  private final Events events;

  KitRun(Class<?> sheet) {
    this.sheet = sheet.getSimpleName();
    this.events =
        EngineTestKit.engine("junit-jupiter").selectors(selectClass(sheet)).execute().testEvents();
  }

  /** Names a wrong sheet and the tests that must catch it. */
  static Arguments fault(Class<?> sheet, String... caughtBy) {
    return Arguments.of(sheet.getSimpleName(), sheet, Set.of(caughtBy));
  }

  /** Asserts that everything passed, and that it was not little. */
  void passes(int least) {
    assertThat(events.failed().list()).isEmpty();
    assertThat(events.succeeded().count()).isGreaterThanOrEqualTo(least);
  }

  /** Asserts that some tests failed, and that not all of them did. */
  void isCaughtBy(Set<String> tests) {
    Set<String> failed = new TreeSet<>();
    events.failed().stream()
        .forEach(
            event ->
                failed.add(event.getTestDescriptor().getDisplayName().replaceAll("\\(.*", "")));
    assertThat(failed).as("what %s fails", sheet).containsAll(tests);
    assertThat(events.succeeded().count()).as("what %s still passes", sheet).isPositive();
  }
}
