package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.variable.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ToolTest {

  private record Query(
      @Description("what to look for") String text,
      @Range(ge = 1, le = 10) int limit,
      Optional<String> language) {}

  private final List<Query> seen = new ArrayList<>();
  private final Tool search =
      Tool.of(
          "search",
          "Searches the handbook.",
          Query.class,
          query -> {
            seen.add(query);
            return List.of(query.text(), query.limit());
          });

  @Test
  void call_soundArguments_reachTheFunctionTyped() {
    Object result = search.call(Map.of("text", "refunds", "limit", 3));

    assertThat(result).isEqualTo(List.of("refunds", 3L));
    assertThat(seen).containsExactly(new Query("refunds", 3, Optional.empty()));
  }

  @Test
  void call_numbersAsText_areReadAsAModelWroteThem() {
    assertThat(search.call(Map.of("text", "refunds", "limit", "3", "language", "en")))
        .isEqualTo(List.of("refunds", 3L));
  }

  @Test
  void call_badArguments_namesEveryFaultAndRunsNothing() {
    assertThatThrownBy(() -> search.call(Map.of("limit", 99, "colour", "red")))
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            e ->
                assertThat(e.violations())
                    .extracting(Object::toString)
                    .containsExactlyInAnyOrder(
                        "search.text: expected str",
                        "search.limit: expected less than or equal to: 10, got 99",
                        "search.colour: expected one of [language, limit, text], got \"colour\""));
    assertThat(seen).isEmpty();
  }

  @Test
  void spec_isAJsonSchemaOfTheArguments() {
    Map<String, ?> schema = search.spec().parameters();

    assertThat(schema.get("type")).isEqualTo("object");
    assertThat(schema.get("required")).isEqualTo(List.of("text", "limit"));
    assertThat(schema.toString()).contains("maximum=10", "what to look for");
  }

  @Test
  void of_argumentOfNoFieldType_isRefusedWithItsName() {
    record Odd(Thread thread) {}

    assertThatThrownBy(() -> Tool.of("odd", "", Odd.class, odd -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Odd.thread");
  }
}
