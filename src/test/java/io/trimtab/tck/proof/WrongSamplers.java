package io.trimtab.tck.proof;

import io.trimtab.sampler.EvolutionSampler;
import io.trimtab.sampler.Observation;
import io.trimtab.sampler.RandomSampler;
import io.trimtab.sampler.Sampler;
import io.trimtab.sampler.Search;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.variable.Scale;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Samplers with one planted fault each; in all other respects they draw at random. */
final class WrongSamplers {

  private WrongSamplers() {}

  /** Draws at random under a name of its own; what is wrong is overridden. */
  abstract static class Drawing implements Sampler {

    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public Configuration propose(Search search) {
      return RandomSampler.create().propose(search);
    }

    @Override
    public Map<String, Object> toTree() {
      return Map.of("sampler", name());
    }

    @Override
    public String toString() {
      return "wrong()";
    }
  }

  private static final ConfigurationSpace WITHOUT_RULES =
      ConfigurationSpace.named("contract")
          .floating("temperature", 0.7, 0.0, 1.5)
          .floating("rate", 1e-3, 1e-6, 1.0, Scale.LOG)
          .floating("penalty", 0.0, -1.0, 1.0, 0.25)
          .integer("tokens", 512, 64, 4096, Scale.LOG)
          .integer("shots", 4, 0, 16)
          .choice("model", "large", "small", "tiny")
          .module("strategy", "Predict", "ReAct")
          .integer("iters", 5, 1, 20)
          .activeWhen("iters", "strategy == 'ReAct'")
          .bool("reflect", false)
          .activeWhen("reflect", "iters > 5")
          .build();

  /** Proposes what the rules forbid. */
  static final class BreaksRules extends Drawing {
    @Override
    public Configuration propose(Search search) {
      return search.space().parameters().size() < 2
          ? super.propose(search)
          : WITHOUT_RULES.sample(search.random());
    }
  }

  /** Gives a value to what is inactive: it knows the parameters and not their conditions. */
  static final class FillsWhatIsInactive extends Drawing {

    private static final ConfigurationSpace WITHOUT_CONDITIONS =
        ConfigurationSpace.named("contract")
            .floating("temperature", 0.7, 0.0, 1.5)
            .module("strategy", "Predict", "ReAct")
            .integer("iters", 5, 1, 20)
            .bool("reflect", false)
            .build();

    @Override
    public Configuration propose(Search search) {
      return search.space().parameters().size() < 2
          ? super.propose(search)
          : WITHOUT_CONDITIONS.sample(search.random());
    }
  }

  /** Draws from a seed of its own. */
  static final class IgnoresTheSeed extends Drawing {
    @Override
    public Configuration propose(Search search) {
      return super.propose(Search.of(search.space(), 1).asking(search.number()));
    }
  }

  /** Goes on drawing from one generator, so that its proposals depend on what was asked before. */
  static final class KeepsAGenerator extends Drawing {

    private final SplittableRandom random = new SplittableRandom(3);

    @Override
    public synchronized Configuration propose(Search search) {
      return search.space().sample(random);
    }
  }

  /** Draws from a generator that nobody seeded. */
  static final class RollsDiceOfItsOwn extends Drawing {
    @Override
    public Configuration propose(Search search) {
      return search.space().sample(new SplittableRandom());
    }
  }

  /** Has a setting that it does not write down. */
  static final class ForgetsASetting extends Drawing {

    private final int skipped;

    ForgetsASetting(int skipped) {
      this.skipped = skipped;
    }

    @Override
    public Configuration propose(Search search) {
      return super.propose(search.redrawn(skipped));
    }
  }

  /** Works in a field, which two threads overwrite for each other. */
  static final class WorksInAField extends Drawing {

    private final Thread owner = Thread.currentThread();
    private final AtomicInteger entered = new AtomicInteger();
    private final CountDownLatch both = new CountDownLatch(2);
    private volatile Search current = Search.of(WITHOUT_RULES, 0);

    @Override
    public Configuration propose(Search search) {
      current = search;
      if (Thread.currentThread() != owner && entered.incrementAndGet() <= 2) {
        await(); // so that the first two surely meet
      }
      return super.propose(current);
    }

    private void await() {
      both.countDown();
      try {
        if (!both.await(10, TimeUnit.SECONDS)) {
          throw new IllegalStateException("only one thread asks");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Says that it learns and does not look at the history. */
  static final class IgnoresTheHistory extends Drawing {}

  /** Takes what was worst for what was best. */
  static final class LearnsBackwards extends Drawing {
    @Override
    public Configuration propose(Search search) {
      List<Observation> turned = search.history().stream().map(LearnsBackwards::turned).toList();
      return EvolutionSampler.create()
          .propose(Search.of(search.space(), search.seed(), turned).asking(search.number()));
    }

    private static Observation turned(Observation observation) {
      return observation.status() != Observation.Status.COMPLETE
          ? observation
          : Observation.complete(observation.configuration(), -observation.loss());
    }
  }

  /** Begins with the best trial, as if there always were one. */
  static final class NeedsACompleteTrial extends Drawing {
    @Override
    public Configuration propose(Search search) {
      if (!search.history().isEmpty() && search.complete().get(0).loss() < -1) {
        return search.complete().get(0).configuration();
      }
      return super.propose(search);
    }
  }

  /** Divides by the range of the losses. */
  static final class DividesByTheRange extends Drawing {
    @Override
    public Configuration propose(Search search) {
      double[] losses = search.complete().stream().mapToDouble(Observation::loss).toArray();
      double least = Arrays.stream(losses).min().orElse(0);
      double range = Arrays.stream(losses).max().orElse(1) - least;
      int draws = losses.length < 2 ? 1 : Math.toIntExact(Math.round(1 / range));
      return super.propose(search.redrawn(draws));
    }
  }

  /** Does not see that others are trying what it proposes. */
  static final class ForgetsWhatRuns extends Drawing {
    @Override
    public Configuration propose(Search search) {
      return super.propose(search.asking(search.complete().size()));
    }
  }
}
