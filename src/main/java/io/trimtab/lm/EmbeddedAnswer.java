package io.trimtab.lm;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Fills the output fields of one prompt, one after the other. */
final class EmbeddedAnswer {

  private static final Set<String> REASONING = Set.of("reasoning", "rationale", "thought");
  private static final String UNKNOWN = "unknown";

  private final EmbeddedPrompt prompt;
  private final EmbeddedJudgement judgement;
  private final RandomGenerator random;
  private final Map<String, String> values = new LinkedHashMap<>();
  private EmbeddedJudgement.@Nullable Decision last;

  private EmbeddedAnswer(
      EmbeddedPrompt prompt, EmbeddedJudgement judgement, RandomGenerator random) {
    this.prompt = prompt;
    this.judgement = judgement;
    this.random = random;
  }

  /** Returns the answer to a prompt, in the format it asks for. */
  static String text(EmbeddedPrompt prompt, EmbeddedJudgement judgement, RandomGenerator random) {
    Map<String, String> values = new EmbeddedAnswer(prompt, judgement, random).values();
    return prompt.wantsJson() ? asJson(prompt, values) : asSections(values);
  }

  private Map<String, String> values() {
    String reasoning = null;
    for (EmbeddedPrompt.Field field : prompt.outputs()) {
      if (isReasoning(field)) {
        reasoning = field.name();
        values.put(reasoning, "There is nothing to decide."); // unless a field follows
      } else {
        EmbeddedJudgement.Decision decision =
            decide(field, /* afterReasoning= */ reasoning != null);
        values.put(field.name(), decision.value());
        if (reasoning != null && last == null) {
          values.put(reasoning, decision.why());
        }
        last = decision;
      }
    }
    return values;
  }

  private static boolean isReasoning(EmbeddedPrompt.Field field) {
    return field.isText() && REASONING.contains(field.name());
  }

  private EmbeddedJudgement.Decision decide(EmbeddedPrompt.Field field, boolean afterReasoning) {
    if (!field.allowed().isEmpty()) {
      return judgement.choose(field, field.allowed(), afterReasoning, random);
    }
    List<String> shown = judgement.shownAnswers(field);
    if (shown.isEmpty()) {
      return withoutDemonstration(field);
    }
    if (field.isNumber()) {
      return judgement.number(field, afterReasoning);
    }
    boolean repeats = shown.size() < judgement.demonstrationsOf(field);
    return repeats
        ? judgement.choose(field, shown, afterReasoning, random)
        : judgement.nearest(field);
  }

  private EmbeddedJudgement.Decision withoutDemonstration(EmbeddedPrompt.Field field) {
    EmbeddedJudgement.Decision before = last;
    if (field.name().equals("confidence") && field.type().equals("float") && before != null) {
      double share = before.share(); // the one number it does know: how sure it was
      return new EmbeddedJudgement.Decision(String.valueOf(share), share, before.why());
    }
    return new EmbeddedJudgement.Decision(
        UNKNOWN, 0, "The prompt holds neither demonstrations nor allowed values to go by.");
  }

  private static String asSections(Map<String, String> values) {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) ->
            text.append("[[ ## ").append(name).append(" ## ]]\n").append(value).append("\n\n"));
    return text.append("[[ ## completed ## ]]").toString();
  }

  private static String asJson(EmbeddedPrompt prompt, Map<String, String> values) {
    Map<String, String> types = new HashMap<>();
    prompt.outputs().forEach(field -> types.put(field.name(), field.type()));
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    values.forEach((name, value) -> tree.put(name, jsonValue(types.getOrDefault(name, ""), value)));
    return Json.writePretty(tree);
  }

  private static @Nullable Object jsonValue(String type, String value) {
    if (type.equals("str") || type.startsWith("Literal[")) {
      return value;
    }
    try {
      return Json.parse(type.equals("bool") ? value.toLowerCase(Locale.ROOT) : value);
    } catch (JsonException e) {
      return value; // said as text rather than not at all
    }
  }
}
