package io.trimtab.tck.proof;

import io.trimtab.json.JsonObject;
import io.trimtab.sampler.Sampler;
import io.trimtab.tck.SamplerContract;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        KitRun.fault(
            BreaksRules.class,
            "propose_searchFromNothing_isAlwaysValid",
            "propose_historyWithEveryStatus_isValid"),
        KitRun.fault(
            FillsWhatIsInactive.class,
            "propose_searchFromNothing_isAlwaysValid",
            "propose_historyWithEveryStatus_isValid"),
        KitRun.fault(IgnoresTheSeed.class, "propose_otherSeeds_giveOtherProposals"),
        KitRun.fault(
            KeepsAGenerator.class,
            "propose_sameSearchInAnotherOrder_givesTheSame",
            "propose_byManyThreadsAtOnce_givesTheSame"),
        KitRun.fault(
            RollsDiceOfItsOwn.class,
            "propose_sameSearchInAnotherOrder_givesTheSame",
            "propose_byManyThreadsAtOnce_givesTheSame",
            "toTree_restored_makesTheSameProposals"),
        KitRun.fault(ForgetsASetting.class, "toTree_restored_makesTheSameProposals"),
        KitRun.fault(WorksInAField.class, "propose_byManyThreadsAtOnce_givesTheSame"),
        KitRun.fault(IgnoresTheHistory.class, "propose_afterGoodAndBadTrials_leansTowardsTheGood"),
        KitRun.fault(LearnsBackwards.class, "propose_afterGoodAndBadTrials_leansTowardsTheGood"),
        KitRun.fault(NeedsACompleteTrial.class, "propose_onlyFailedTrials_isValid"),
        KitRun.fault(DividesByTheRange.class, "propose_allLossesEqual_isValid"),
        KitRun.fault(ForgetsWhatRuns.class, "propose_manyTrialsWithTheSameHistory_differ"));
  }

  @Test
  void correctSampler_passesTheContract() {
    new KitRun(Correct.class).passes(13);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void wrongSampler_failsInTheTestsThatNameItsFault(
      String name, Class<?> sheet, Set<String> caughtBy) {
    new KitRun(sheet).isCaughtBy(caughtBy);
  }
}
