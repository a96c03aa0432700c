package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.InRange;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithSize;
import com.code_intelligence.jazzer.mutation.annotation.WithUtf8Length;
import io.trimtab.Fuzzer;
import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Variable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hostile space documents: nothing but the documented exceptions, soon, and what is read can be
 * written and read again.
 *
 * <p>Not named like a test: only {@link SpaceFuzzTest} runs it, in a process per target.
 */
final class SpaceFuzz {

  private static final long SLOWEST_NANOS = 10_000_000_000L;

  private static final Set<String> FOUND = new TreeSet<>();

  private static long inputs;

  static {
    // Loading and instrumenting the classes takes longer than any input may.
    judge(document(List.of(new Part(0, 0, 0, "", 0, 20), new Part(6, 0, 0, "", 0, 3))));
    judge("");
  }

  /**
   * One ingredient of a space: sound in most respects, wrong where the fuzzer wants it to be.
   *
   * @param part what is added: a parameter (most numbers), a condition, a rule, a header
   * @param type the parameter's type, or another choice
   * @param parameter which parameter it is about
   * @param text a name, value, message or part of an expression
   * @param number a bound, default or value
   * @param flaw what is wrong with it; most numbers mean nothing
   */
  record Part(
      @InRange(min = 0, max = 9) int part,
      @InRange(min = 0, max = 6) int type,
      @InRange(min = 0, max = 5) int parameter,
      @NotNull @WithUtf8Length(max = 16) String text,
      long number,
      @InRange(min = 0, max = 20) int flaw) {

    private String name() {
      return "p" + parameter;
    }

    private Map<String, Object> tree() {
      Variable<?> variable =
          switch (type) {
            case 0 -> Variable.floating(name(), 0.5, 0, 1);
            case 1 -> Variable.integer(name(), 1, -5, 5);
            case 2 -> Variable.bool(name(), number % 2 == 0);
            case 3 -> Variable.choice(name(), "a", "b", "c");
            default -> Variable.of(name(), IntegerDomain.any(), number);
          };
      Map<String, Object> tree = new LinkedHashMap<>(variable.toTree());
      switch (flaw) {
        case 0 -> tree.put("default", number);
        case 1 -> tree.put("default", text);
        case 2 -> tree.put("default", number / 16.0);
        case 3 -> tree.put("constraints", Map.of("min", number, "max", 1L << 62));
        case 4 -> tree.put("name", text);
        case 5 -> tree.put("type", text);
        case 6 -> tree.put("prior", Map.of("mean", number / 8.0, "deviation", 0.25));
        case 7 -> tree.put("prior", Map.of("alpha", 2.0, "beta", number / 8.0));
        case 8 -> tree.put("constant", true);
        case 9 -> tree.put("constraints", Map.of("options", List.of(text, "b", "c")));
        case 10 -> tree.put("metadata", Map.of(text, text));
        case 11 -> tree.put(text, number);
        case 12 -> tree.put("default", -0.0);
        default -> {}
      }
      return tree;
    }

    private String expression() {
      return switch (flaw % 7) {
        case 0 -> name() + " == " + number;
        case 1 -> name() + " == '" + text + "'";
        case 2 -> name();
        case 3 -> "has(" + name() + ") && " + name() + " < " + number / 8.0;
        case 4 -> text;
        case 5 -> "p0 == p1 || " + name() + " >= p2";
        default -> "!(" + name() + " != 'a')";
      };
    }

    private Object value() {
      return flaw % 2 == 0 ? (Object) number : type == 3 ? "a" : text;
    }
  }

  private static String document(List<Part> parts) {
    Map<String, Object> top = new LinkedHashMap<>();
    top.put("format", "trimtab.space/1");
    top.put("name", "fuzz");
    List<Map<String, Object>> parameters = new ArrayList<>();
    List<Object> rules = new ArrayList<>();
    for (Part part : parts) {
      switch (part.part()) {
        case 5 -> {
          if (!parameters.isEmpty()) {
            parameters.get(parameters.size() - 1).put("active_when", List.of(part.expression()));
          }
        }
        case 6 -> rules.add(Map.of("require", part.expression(), "message", "m" + part.text()));
        case 7 -> rules.add(Map.of("forbid", part.expression(), "message", "m" + part.text()));
        case 8 ->
            rules.add(
                Map.of("forbid", Map.of(part.name(), part.value()), "message", "m" + part.text()));
        case 9 ->
            top.put(
                switch (part.type()) {
                  case 0 -> "prefix";
                  case 1 -> "description";
                  case 2 -> "format";
                  case 3 -> part.text();
                  default -> "name";
                },
                part.text());
        default -> parameters.add(part.tree());
      }
    }
    top.put("parameters", parameters);
    top.put("rules", rules);
    return Json.write(top);
  }

  /** Any text. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void spaceOfAnyBytes(byte[] document) {
    if (document != null) {
      offer(new String(document, StandardCharsets.UTF_8));
    }
  }

  /** Documents that mostly pass the parser and test what comes after it. */
  @FuzzTest(maxExecutions = Fuzzer.INPUTS)
  void spaceOfAnyParts(@NotNull @WithSize(max = 10) List<@NotNull Part> parts) {
    offer(document(parts));
  }

  /** Judges like the others, and plants bugs; fails once every bug has been met. */
  @FuzzTest
  void plantedInSpaces(@NotNull @WithSize(max = 10) List<@NotNull Part> parts) {
    inputs++;
    ConfigurationSpace space = offer(document(parts));
    String bug = space == null ? null : planted(space);
    if (bug != null && FOUND.add(bug)) {
      System.out.printf("PLANTED found %s after %d inputs%n", FOUND, inputs);
    }
    if (FOUND.size() == 4) {
      throw new IllegalStateException("all planted bugs found");
    }
  }

  private static @Nullable String planted(ConfigurationSpace space) {
    for (Parameter parameter : space.parameters()) {
      Object value = parameter.variable().defaultValue();
      if (value instanceof Double number && number == 0 && 1 / number < 0) {
        return "minus zero";
      }
      if (parameter.conditional() && parameter.variable().name().equals("p3")) {
        return "a condition on a special name";
      }
      if (parameter.constant() && value instanceof Long number && number < -1_000) {
        return "a far negative constant";
      }
    }
    return space.rules().size() >= 2 ? "two rules" : null;
  }

  private static @Nullable ConfigurationSpace offer(String document) {
    long start = Fuzzer.processorNanos();
    ConfigurationSpace space = judge(document);
    assertThat(Fuzzer.processorNanos() - start)
        .as("processor nanoseconds for %s", document)
        .isLessThan(SLOWEST_NANOS);
    return space;
  }

  private static @Nullable ConfigurationSpace judge(String document) {
    ConfigurationSpace space = null;
    try {
      space = ConfigurationSpace.fromJson(document);
      assertThat(ConfigurationSpace.fromJson(space.toJson())).isEqualTo(space);
    } catch (JsonException | InvalidDefinitionException | InfeasibleSpaceException e) {
      assertThat(space).as("a space that was read can be written and read: %s", e).isNull();
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(20_000);
    }
    return space;
  }
}
