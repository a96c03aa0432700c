package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.Outcome;
import io.trimtab.space.expression.SimilarName;
import io.trimtab.variable.Domain;
import io.trimtab.variable.Violation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts a configuration together from given values and gathers everything that is wrong. */
final class Assembly {
  /*
   * Parameters are visited parents first, so that activity is known when a child's turn comes. A value that is missing
   * or wrong leaves its slot unassigned; what depends on it is judged only where the answer does not depend on the
   * missing value. So one wrong value never causes a second, misleading violation, and no certain one is left out.
   */

  private static final int SHOWN_VALUE = 40;
  private static final int SHOWN_VALUES = 200;

  /** Supplies what was not given. */
  interface Fallback {
    /** Returns the value of an active parameter that was not given, or null if it is missing. */
    @Nullable Object valueOf(Parameter parameter);
  }

  private final ConfigurationSpace space;
  private final Definition definition;
  private final @Nullable Object[] given;
  private final boolean[] isGiven;
  private final @Nullable Object[] slots;
  private final boolean[] certainlyActive;
  private final List<Violation> violations = new ArrayList<>();
  private final List<Rule> brokenRules = new ArrayList<>();

  private Assembly(ConfigurationSpace space) {
    int count = space.parameters().size();
    this.space = space;
    this.definition = space.definition();
    this.given = new @Nullable Object[count];
    this.isGiven = new boolean[count];
    this.slots = new @Nullable Object[count];
    this.certainlyActive = definition.alwaysActive();
  }

  static Assembly of(ConfigurationSpace space, Map<String, ?> values, Fallback fallback) {
    Assembly assembly = new Assembly(space);
    assembly.take(values);
    assembly.settle(fallback);
    assembly.judge();
    return assembly;
  }

  /**
   * Supplies stored values. A session stores a value for inactive members, too; what is stored for
   * a parameter that is inactive under the stored values counts for nothing, and its default stands
   * in. A stored value outside its domain is supplied as it is, to be reported.
   */
  static Fallback stored(ConfigurationSpace space, Map<String, ?> stored) {
    Assembly assembly = new Assembly(space);
    assembly.take(stored);
    for (int slot : assembly.definition.order()) {
      Outcome activity =
          assembly.definition.activity(slot, assembly.slots, assembly.certainlyActive);
      assembly.slots[slot] =
          activity == Outcome.FALSE
              ? null
              : assembly.cast(space.parameters().get(slot), assembly.given[slot]);
      assembly.certainlyActive[slot] |= activity == Outcome.TRUE;
    }
    return parameter -> {
      Object value = assembly.slots[parameter.slot()];
      if (value == Expression.UNASSIGNED) {
        return assembly.given[parameter.slot()];
      }
      return value == null ? parameter.variable().defaultValue() : value;
    };
  }

  private Object cast(Parameter parameter, @Nullable Object value) {
    return parameter.variable().domain().accepts(value)
        ? parameter.variable().domain().normalize(value)
        : Expression.UNASSIGNED;
  }

  List<Violation> violations() {
    return violations;
  }

  List<Rule> brokenRules() {
    return brokenRules;
  }

  Configuration configuration() {
    if (!violations.isEmpty()) {
      throw new InvalidConfigurationException(space.name(), violations, brokenRules);
    }
    return new Configuration(space, slots);
  }

  private void take(Map<String, ?> values) {
    Set<Integer> seen = new HashSet<>();
    for (Map.Entry<String, ?> entry : values.entrySet()) {
      int slot = space.slot(entry.getKey());
      if (slot < 0) {
        violations.add(unknown(entry.getKey(), entry.getValue()));
      } else if (seen.add(slot)) {
        given[slot] = entry.getValue();
        isGiven[slot] = true;
      } else {
        violations.add(
            Violation.of(
                entry.getKey(), "given once, by name or by member name", entry.getValue()));
      }
    }
  }

  private Violation unknown(String key, @Nullable Object value) {
    List<String> names = space.parameters().stream().map(Parameter::name).toList();
    String nearest = SimilarName.nearest(key, names);
    String hint = nearest == null ? "" : ", such as " + nearest;
    return Violation.of(key, "a parameter of space \"" + space.name() + "\"" + hint, value);
  }

  private void settle(Fallback fallback) {
    for (int slot : definition.order()) {
      Parameter parameter = space.parameters().get(slot);
      Outcome activity = definition.activity(slot, slots, certainlyActive);
      certainlyActive[slot] |= activity == Outcome.TRUE;
      if (activity == Outcome.FALSE) {
        slots[slot] = null;
        refuseInactive(parameter);
      } else {
        Object value =
            isGiven[slot]
                ? normalize(parameter, given[slot])
                : supply(parameter, activity, fallback);
        slots[slot] = activity == Outcome.TRUE ? value : Expression.UNASSIGNED;
      }
    }
  }

  private void refuseInactive(Parameter parameter) {
    if (isGiven[parameter.slot()]) {
      String when = String.join(" and ", parameter.activeWhen());
      violations.add(
          Violation.of(
              parameter.name(),
              "no value, because it is active only when " + when,
              given[parameter.slot()]));
    }
  }

  private Object normalize(Parameter parameter, @Nullable Object value) {
    Domain<?> domain = parameter.variable().domain();
    if (parameter.constant()) {
      Object only = parameter.variable().defaultValue();
      if (!only.equals(domain.cast(value))) {
        violations.add(Violation.of(parameter.name(), "the constant " + only, value));
      }
      return only;
    }
    String expected = expected(domain, value);
    if (expected != null) {
      violations.add(Violation.of(parameter.name(), expected, value));
      return Expression.UNASSIGNED;
    }
    return domain.normalize(value);
  }

  private static <T> @Nullable String expected(Domain<T> domain, @Nullable Object value) {
    T canonical = domain.cast(value);
    return canonical == null ? domain.description() : domain.brokenRule(canonical);
  }

  private Object supply(Parameter parameter, Outcome activity, Fallback fallback) {
    if (parameter.constant()) {
      return parameter.variable().defaultValue();
    }
    Object value = fallback.valueOf(parameter);
    if (value != null) {
      return normalize(parameter, value);
    }
    if (activity == Outcome.TRUE) {
      violations.add(
          Violation.missing(parameter.name(), parameter.variable().domain().description()));
    }
    return Expression.UNASSIGNED;
  }

  private void judge() {
    boolean complete = !Arrays.asList(slots).contains(Expression.UNASSIGNED);
    for (Rule rule : space.rules()) {
      Check check = rule.check();
      boolean broken = complete ? !check.holds(slots) : check.refuted(slots, certainlyActive);
      if (broken) {
        brokenRules.add(rule);
        violations.add(violation(rule));
      }
    }
  }

  private Violation violation(Rule rule) {
    String values =
        rule.variables().stream()
            .map(name -> name + " = " + shown(slots[space.slot(name)]))
            .collect(Collectors.joining(", "));
    String subject =
        rule.kind() == Rule.Kind.LOCAL ? rule.text() : String.join(", ", rule.variables());
    return new Violation(subject, rule.toString(), cut(values, SHOWN_VALUES));
  }

  private static String shown(@Nullable Object value) {
    if (value == null) {
      return "(inactive)";
    }
    return value == Expression.UNASSIGNED ? "(unknown)" : cut(value.toString(), SHOWN_VALUE);
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 3) + "...";
  }
}
