package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.state.LocalState;
import io.trimtab.state.WriteContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code docs/variables.md} shows, compiled and run. */
final class VariablesPageTest {

  private static final Path PAGE = Path.of("docs", "variables.md");
  private static final Path SOURCE =
      Path.of("src/test/java/io/trimtab/variable/VariablesPageTest.java");

  @Test
  void firstExample_works() {
    // tag::define[]
    Variable<Double> temperature =
        Variable.floating("temperature", 0.7, 0.0, 2.0).describedAs("how daring the answers are");
    Variable<Long> maxTokens = Variable.integer("max_tokens", 1024, 64, 8192);
    Variable<String> model = Variable.choice("model", "small", "large"); // the first is the default

    try (LocalState state = LocalState.create()) {
      state.registerAll(List.of(temperature, maxTokens, model), WriteContext.JVM);
      state.set("max_tokens", 512.0); // an integral number becomes the 64-bit integer 512

      double now = state.snapshot().get(temperature); // typed, without a cast
      long tokens = state.snapshot().getLong("max_tokens"); // by name
      // end::define[]

      assertThat(now).isEqualTo(0.7);
      assertThat(tokens).isEqualTo(512);
      assertThat(state.snapshot().get(model)).isEqualTo("small");
    }
  }

  @Test
  void secondExample_works() {
    // tag::faults[]
    assertThatThrownBy(() -> Variable.floating("1st", 3.0, 0.0, 1.0))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("name: expected 1 to 128 letters, digits")
        .hasMessageContaining("1st default: expected a finite number in [0.0, 1.0], got 3.0");
    // end::faults[]
  }

  @Test
  void jsonExample_isTheFirstExamplesVariable() throws IOException {
    String json =
        Files.readString(PAGE)
            .lines()
            .filter(line -> line.startsWith("{\"name\""))
            .findFirst()
            .get();

    assertThat(Variable.fromTree(Json.parseObject(json, JsonLimits.DEFAULT)))
        .isEqualTo(Variable.integer("max_tokens", 1024, 64, 8192));
  }

  @Test
  void javaBlocks_areRegionsOfThisFile() throws IOException {
    String source = Files.readString(SOURCE);
    String[] blocks = Files.readString(PAGE).split("```java\n", -1);

    assertThat(blocks).hasSize(3);
    for (int i = 1; i < blocks.length; i++) {
      assertThat(source).contains("[]\n" + blocks[i].substring(0, blocks[i].indexOf("```")));
    }
  }
}
