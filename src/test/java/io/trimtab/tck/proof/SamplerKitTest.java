package io.trimtab.tck.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.trimtab.json.JsonObject;
import io.trimtab.sampler.Sampler;
import io.trimtab.tck.SamplerContract;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/**
 * The samplers' contract is a test itself: a correct sampler that is not part of the library
 * passes, and each deliberately wrong one fails in the test that names its fault.
 *
 * <p>The data sheets below are nested, so that the build does not run them by itself.
 */
final class SamplerKitTest {

  /** A data sheet of a sampler that is restored as it is. */
  abstract static class Sheet implements SamplerContract {
    @Override
    public Sampler restored(JsonObject tree) {
      return sampler();
    }
  }

  static final class Correct extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.Drawing() {};
    }
  }

  static final class BreaksRules extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.BreaksRules();
    }
  }

  static final class FillsWhatIsInactive extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.FillsWhatIsInactive();
    }
  }

  static final class IgnoresTheSeed extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.IgnoresTheSeed();
    }
  }

  static final class KeepsAGenerator extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.KeepsAGenerator();
    }
  }

  static final class RollsDiceOfItsOwn extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.RollsDiceOfItsOwn();
    }
  }

  static final class ForgetsASetting extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.ForgetsASetting(5);
    }

    @Override
    public Sampler restored(JsonObject tree) {
      return new WrongSamplers.ForgetsASetting(0);
    }
  }

  static final class WorksInAField extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.WorksInAField();
    }
  }

  static final class IgnoresTheHistory extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.IgnoresTheHistory();
    }

    @Override
    public boolean learns() {
      return true;
    }
  }

  static final class LearnsBackwards extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.LearnsBackwards();
    }

    @Override
    public boolean learns() {
      return true;
    }
  }

  static final class NeedsACompleteTrial extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.NeedsACompleteTrial();
    }
  }

  static final class DividesByTheRange extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.DividesByTheRange();
    }
  }

  static final class ForgetsWhatRuns extends Sheet {
    @Override
    public Sampler sampler() {
      return new WrongSamplers.ForgetsWhatRuns();
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault(
            BreaksRules.class,
            "propose_searchFromNothing_isAlwaysValid",
            "propose_historyWithEveryStatus_isValid"),
        fault(
            FillsWhatIsInactive.class,
            "propose_searchFromNothing_isAlwaysValid",
            "propose_historyWithEveryStatus_isValid"),
        fault(IgnoresTheSeed.class, "propose_otherSeeds_giveOtherProposals"),
        fault(
            KeepsAGenerator.class,
            "propose_sameSearchInAnotherOrder_givesTheSame",
            "propose_byManyThreadsAtOnce_givesTheSame"),
        fault(
            RollsDiceOfItsOwn.class,
            "propose_sameSearchInAnotherOrder_givesTheSame",
            "propose_byManyThreadsAtOnce_givesTheSame",
            "toTree_restored_makesTheSameProposals"),
        fault(ForgetsASetting.class, "toTree_restored_makesTheSameProposals"),
        fault(WorksInAField.class, "propose_byManyThreadsAtOnce_givesTheSame"),
        fault(IgnoresTheHistory.class, "propose_afterGoodAndBadTrials_leansTowardsTheGood"),
        fault(LearnsBackwards.class, "propose_afterGoodAndBadTrials_leansTowardsTheGood"),
        fault(NeedsACompleteTrial.class, "propose_onlyFailedTrials_isValid"),
        fault(DividesByTheRange.class, "propose_allLossesEqual_isValid"),
        fault(ForgetsWhatRuns.class, "propose_manyTrialsWithTheSameHistory_differ"));
  }

  private static Arguments fault(Class<?> sheet, String... caughtBy) {
    return Arguments.of(sheet.getSimpleName(), sheet, Set.of(caughtBy));
  }

  private static Events run(Class<?> sheet) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(sheet))
        .execute()
        .testEvents();
  }

  @Test
  void correctSampler_passesTheContract() {
    Events events = run(Correct.class);

    assertThat(events.failed().list()).isEmpty();
    assertThat(events.succeeded().count()).isGreaterThanOrEqualTo(13);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void wrongSampler_failsInTheTestsThatNameItsFault(
      String name, Class<?> sheet, Set<String> caughtBy) {
    Events events = run(sheet);

    Set<String> failed = new TreeSet<>();
    events.failed().stream()
        .forEach(
            event ->
                failed.add(event.getTestDescriptor().getDisplayName().replaceAll("\\(.*", "")));
    assertThat(failed).as("what %s fails", name).containsAll(caughtBy);
    assertThat(events.succeeded().count()).as("what %s still passes", name).isPositive();
  }
}
