package io.trimtab.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.GuidePage;
import io.trimtab.json.Json;
import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.study.Budget;
import io.trimtab.study.Objective;
import io.trimtab.study.Study;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The code of {@code docs/samplers.md}, run; and that page, compared with this code. */
final class SamplerGuideTest {

  private final ConfigurationSpace space = Spaces.MIXED;

  @Test
  void page_showsThisCode() throws IOException {
    GuidePage.assertBlocksAreRegionsOf("samplers.md", SamplerGuideTest.class);
  }

  @Test
  void study_takesASampler() {
    // tag::study[]
    Study study = Study.of("bowl", space).minimize().sampler(GpSampler.create()).seed(7).build();
    // end::study[]

    study.run(Objective.scored(t -> Spaces.bowl(t.configuration())), Budget.trials(30));

    assertThat(study.best().score()).isLessThan(1);
  }

  @Test
  void sampler_byHand_isRestoredFromItsSettings() {
    // tag::byHand[]
    Sampler sampler = TpeSampler.create().withStartupTrials(8);
    Search search = Search.of(space, 42);
    Configuration first = sampler.propose(search);
    search = search.with(Observation.complete(first, 0.3)); // a loss: lower is better

    String settings = Json.write(sampler.toTree());
    Sampler restored = Sampler.fromTree(JsonObject.of(Json.parse(settings), "$"));
    Configuration second = restored.propose(search); // what the first sampler would propose
    // end::byHand[]

    assertThat(second).isEqualTo(sampler.propose(search));
  }
}
