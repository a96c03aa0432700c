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

    @Override
    public boolean learns() {
      return true;
    }
  }

  @Nested
  final class TpeWithSettings implements SamplerContract {
    @Override
    public Sampler sampler() {
      return TpeSampler.create().withStartupTrials(3).withCandidates(7);
    }

    @Override
    public boolean learns() {
      return true;
    }
  }

  @Nested
  final class Grid implements SamplerContract {
    @Override
    public Sampler sampler() {
      return GridSampler.create();
    }
  }

  @Nested
  final class Sobol implements SamplerContract {
    @Override
    public Sampler sampler() {
      return SobolSampler.create();
    }
  }

  @Nested
  final class LatinHypercube implements SamplerContract {
    @Override
    public Sampler sampler() {
      return LatinHypercubeSampler.of(32);
    }
  }

  @Nested
  final class Gp implements SamplerContract {
    @Override
    public Sampler sampler() {
      return GpSampler.create();
    }

    @Override
    public boolean learns() {
      return true;
    }
  }

  @Nested
  final class CmaEs implements SamplerContract {
    @Override
    public Sampler sampler() {
      return CmaEsSampler.create();
    }

    @Override
    public boolean learns() {
      return true;
    }
  }

  @Nested
  final class Evolution implements SamplerContract {
    @Override
    public Sampler sampler() {
      return EvolutionSampler.create();
    }

    @Override
    public boolean learns() {
      return true;
    }
  }

  @Nested
  final class Nsga2 implements SamplerContract {
    @Override
    public Sampler sampler() {
      return Nsga2Sampler.create().withPopulation(12);
    }

    @Override
    public boolean learns() {
      return true;
    }
  }
}
