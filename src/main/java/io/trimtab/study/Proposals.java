package io.trimtab.study;

import io.trimtab.sampler.Observation;
import io.trimtab.sampler.Sampler;
import io.trimtab.sampler.Search;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What a study tries next: its sampler's proposals, without those it does not want twice. */
final class Proposals {
  /*
   * A sampler that proposes what was tried is asked again with other streams of chance, at most REDRAWS times. It may have good
   * reason to insist, or there may be little left: then a space small enough is listed and one of its untried configurations is
   * drawn; in a larger one the duplicate is accepted, because looking for the last untried one could take for ever.
   */

  private static final int REDRAWS = 32;
  private static final BigInteger LISTABLE = BigInteger.valueOf(100_000);

  private final ConfigurationSpace space;
  private final Sampler sampler;
  private final long seed;
  private final Duplicates duplicates;
  private final Map<String, String> attributes;

  Proposals(ConfigurationSpace space, Sampler sampler, long seed, Duplicates duplicates) {
    this.space = space;
    this.sampler = sampler;
    this.seed = seed;
    this.duplicates = duplicates;
    this.attributes = Map.of(Trial.PROPOSED_BY, sampler.name());
  }

  /** What to try as a given trial after what is known. */
  record Question(int number, List<Observation> history) {}

  Sampler sampler() {
    return sampler;
  }

  Duplicates duplicates() {
    return duplicates;
  }

  /** What to note about a trial that was proposed. */
  Map<String, String> attributes() {
    return attributes;
  }

  Configuration answer(String study, Question question, Predicate<Configuration> wasTried) {
    Configuration first = propose(question, 0);
    if (duplicates != Duplicates.AVOID || !wasTried.test(first)) {
      return first;
    }
    for (int redraw = 1; redraw <= REDRAWS; redraw++) {
      Configuration next = propose(question, redraw);
      if (!wasTried.test(next)) {
        return next;
      }
    }
    return isListable() ? untried(study, question, wasTried) : first;
  }

  private Configuration propose(Question question, int redraw) {
    return sampler.propose(search(question, redraw));
  }

  private Search search(Question question, int redraw) {
    return Search.of(space, seed, question.number(), question::history).redrawn(redraw);
  }

  private boolean isListable() {
    return space.size().map(size -> size.compareTo(LISTABLE) <= 0).orElse(false);
  }

  private Configuration untried(
      String study, Question question, Predicate<Configuration> wasTried) {
    List<Configuration> left = space.configurations().filter(wasTried.negate()).toList();
    if (left.isEmpty()) {
      throw new SpaceExhaustedException(study, space.name(), question.number());
    }
    return left.get(search(question, REDRAWS + 1).random().nextInt(left.size()));
  }
}
