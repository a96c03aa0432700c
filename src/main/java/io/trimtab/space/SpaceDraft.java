package io.trimtab.space;

import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableType;
import io.trimtab.variable.Violation;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a {@link SpaceBuilder} was told, unchecked but for single parameters. */
record SpaceDraft(
    String name,
    String description,
    String prefix,
    Map<String, String> metadata,
    List<ParameterDraft> parameters,
    Map<String, Prior> priors,
    List<Condition> conditions,
    List<RuleDraft> rules,
    List<Violation> faults) {

  /** A parameter as declared; its variable is null if its own definition was at fault. */
  record ParameterDraft(
      String name, VariableType type, @Nullable Variable<?> variable, boolean constant) {}

  record Condition(String child, String expression) {}

  /** A rule as declared: exactly one of the three last components is given. */
  record RuleDraft(
      Rule.Kind kind,
      String text,
      String message,
      @Nullable Map<String, Object> combination,
      @Nullable Predicate<Configuration> predicate) {}
}
