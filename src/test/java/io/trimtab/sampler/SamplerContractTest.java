package io.trimtab.sampler;

import io.trimtab.tck.SamplerContract;
import org.junit.jupiter.api.Nested;

/** The contract, held against every sampler of the library. */
final class SamplerContractTest {

  @Nested
  final class Random implements SamplerContract {
    @Override
    public Sampler sampler() {
      return RandomSampler.create();
    }
  }

  @Nested
  final class Tpe implements SamplerContract {
    @Override
    public Sampler sampler() {
      return TpeSampler.create();
    }
  }

  @Nested
  final class TpeWithSettings implements SamplerContract {
    @Override
    public Sampler sampler() {
      return TpeSampler.create().withStartupTrials(3).withCandidates(7);
    }
  }
}
