package io.trimtab.space;

import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Scale;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A discrete space made from a seed, with nested conditions and interacting rules, together with a
 * second, independent account of what they mean: each rule exists as text for the space and as a
 * lambda for the oracle.
 */
final class RandomSpace {

  /** A parameter, its values and how likely each is, computed by hand. */
  record Knob(String name, Map<Object, Double> prior) {}

  /** A clause over some parameters. */
  record Clause(String text, Predicate<Map<String, Object>> holds, TreeSet<String> required) {

    /** What a rule means: nothing if it mentions something inactive. */
    boolean holdsOrSaysNothing(Map<String, Object> active) {
      return !active.keySet().containsAll(required) || holds.test(active);
    }

    /** What a condition means: not met if it mentions something inactive. */
    boolean met(Map<String, Object> active) {
      return active.keySet().containsAll(required) && holds.test(active);
    }
  }

  private final SplittableRandom random;
  private final List<Knob> knobs = new ArrayList<>();
  private final Map<String, List<Clause>> conditions = new HashMap<>();
  private final List<Clause> rules = new ArrayList<>();
  private ConfigurationSpace space;

  private RandomSpace(long seed) {
    this.random = new SplittableRandom(seed);
    SpaceBuilder builder = ConfigurationSpace.named("random_" + seed);
    int count = 3 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      addKnob(builder, "p" + i);
    }
    for (int i = 1; i < count; i++) {
      if (random.nextInt(5) < 2) {
        Clause condition = random.nextBoolean() ? atom(i) : joined(atom(i), atom(i));
        conditions.computeIfAbsent("p" + i, n -> new ArrayList<>()).add(condition);
        builder.activeWhen("p" + i, condition.text());
      }
    }
    this.space = builder.build();
    for (int i = 0; i < 4; i++) {
      addRuleUnlessDefaultsBreakIt(rule(count));
    }
  }

  static RandomSpace of(long seed) {
    return new RandomSpace(seed);
  }

  ConfigurationSpace space() {
    return space;
  }

  boolean constrained() {
    return !rules.isEmpty();
  }

  boolean conditional() {
    return !conditions.isEmpty();
  }

  List<Knob> knobs() {
    return knobs;
  }

  /** The probability of each valid configuration, by going through every combination. */
  Map<Map<String, Object>, Double> distribution() {
    Map<Map<String, Object>, Double> masses = new LinkedHashMap<>();
    enumerate(0, new LinkedHashMap<>(), 1, masses);
    double total = masses.values().stream().mapToDouble(Double::doubleValue).sum();
    masses.replaceAll((configuration, mass) -> mass / total);
    return masses;
  }

  private void enumerate(
      int i, Map<String, Object> all, double mass, Map<Map<String, Object>, Double> masses) {
    if (i < knobs.size()) {
      knobs
          .get(i)
          .prior()
          .forEach(
              (value, p) -> {
                all.put(knobs.get(i).name(), value);
                enumerate(i + 1, all, mass * p, masses);
              });
      all.remove(knobs.get(i).name());
      return;
    }
    Map<String, Object> active = active(all);
    if (rules.stream().allMatch(rule -> rule.holdsOrSaysNothing(active))) {
      masses.merge(active, mass, Double::sum);
    }
  }

  /** Leaves out what is inactive; parents have lower numbers. */
  Map<String, Object> active(Map<String, Object> all) {
    Map<String, Object> active = new LinkedHashMap<>();
    for (Knob knob : knobs) {
      List<Clause> when = conditions.getOrDefault(knob.name(), List.of());
      if (when.stream().allMatch(clause -> clause.met(active))) {
        active.put(knob.name(), all.get(knob.name()));
      }
    }
    return active;
  }

  boolean valid(Map<String, Object> active) {
    return rules.stream().allMatch(rule -> rule.holdsOrSaysNothing(active));
  }

  /** Tells whether the rule with a message holds. */
  boolean holds(String message, Map<String, Object> active) {
    return rules
        .get(Integer.parseInt(message.substring("rule ".length())))
        .holdsOrSaysNothing(active);
  }

  /** Every configuration with the given values but for one, valid or not. */
  Set<Map<String, Object>> completions(Map<String, Object> given, String missing) {
    Map<String, Object> fixed = new LinkedHashMap<>(given);
    fixed.remove(missing);
    Set<Map<String, Object>> found = new LinkedHashSet<>();
    complete(0, new LinkedHashMap<>(), fixed, found);
    return found;
  }

  private void complete(
      int i, Map<String, Object> all, Map<String, Object> fixed, Set<Map<String, Object>> found) {
    if (i == knobs.size()) {
      found.add(active(all));
      return;
    }
    String name = knobs.get(i).name();
    Set<Object> values =
        fixed.containsKey(name) ? Set.of(fixed.get(name)) : knobs.get(i).prior().keySet();
    for (Object value : values) {
      all.put(name, value);
      complete(i + 1, all, fixed, found);
    }
    all.remove(name);
  }

  private void addKnob(SpaceBuilder builder, String name) {
    Map<Object, Double> prior = new LinkedHashMap<>();
    switch (random.nextInt(6)) {
      case 0 -> {
        builder.choice(name, "a", "b", "c");
        List.of("a", "b", "c").forEach(v -> prior.put(v, 1 / 3.0));
      }
      case 1 -> {
        Map<String, Double> weights = new LinkedHashMap<>();
        weights.put("a", 1.0);
        weights.put("b", 5.0);
        weights.put("c", 2.0);
        builder.weightedChoice(name, weights);
        weights.forEach((option, weight) -> prior.put(option, weight / 8));
      }
      case 2 -> {
        builder.bool(name, random.nextBoolean());
        prior.put(false, 0.5);
        prior.put(true, 0.5);
      }
      case 3 -> {
        long min = random.nextLong(-3, 4);
        long max = min + 1 + random.nextInt(5);
        builder.integer(name, random.nextLong(min, max + 1), min, max);
        for (long v = min; v <= max; v++) {
          prior.put(v, 1.0 / (max - min + 1));
        }
      }
      case 4 -> {
        long min = 1 + random.nextInt(2);
        long max = min + 2 + random.nextInt(5);
        builder.integer(name, random.nextLong(min, max + 1), min, max, Scale.LOG);
        double width = Math.log((max + 0.5) / (min - 0.5));
        for (long v = min; v <= max; v++) {
          prior.put(v, Math.log((v + 0.5) / (v - 0.5)) / width);
        }
      }
      default -> {
        builder.floating(name, 0.5, 0.0, 1.0, 0.25);
        List.of(0.0, 0.25, 0.5, 0.75, 1.0).forEach(v -> prior.put(v, 0.2));
      }
    }
    knobs.add(new Knob(name, prior));
  }

  private Object anyValue(Knob knob) {
    List<Object> values = new ArrayList<>(knob.prior().keySet());
    return values.get(random.nextInt(values.size()));
  }

  /** A comparison of one of the first parameters with one of its values. */
  private Clause atom(int below) {
    Knob knob = knobs.get(random.nextInt(below));
    Object value = anyValue(knob);
    TreeSet<String> required = new TreeSet<>(List.of(knob.name()));
    String name = knob.name();
    if (value instanceof Boolean) {
      return new Clause(name + " == " + value, m -> m.get(name).equals(value), required);
    }
    if (value instanceof String) {
      return random.nextBoolean()
          ? new Clause(name + " == '" + value + "'", m -> m.get(name).equals(value), required)
          : new Clause(name + " != '" + value + "'", m -> !m.get(name).equals(value), required);
    }
    double bound = ((Number) value).doubleValue();
    return random.nextBoolean()
        ? new Clause(name + " <= " + value, m -> number(m, name) <= bound, required)
        : new Clause(name + " > " + value, m -> number(m, name) > bound, required);
  }

  private static double number(Map<String, Object> values, String name) {
    return ((Number) values.get(name)).doubleValue();
  }

  private Clause joined(Clause a, Clause b) {
    TreeSet<String> required = new TreeSet<>(a.required());
    required.addAll(b.required());
    return random.nextBoolean()
        ? new Clause(
            "(%s) || (%s)".formatted(a.text(), b.text()), a.holds().or(b.holds()), required)
        : new Clause(
            "(%s) && !(%s)".formatted(a.text(), b.text()),
            a.holds().and(b.holds().negate()),
            required);
  }

  private Clause rule(int count) {
    String asked = knobs.get(random.nextInt(count)).name();
    Clause body = joined(atom(count), atom(count));
    return switch (random.nextInt(4)) {
      case 0 -> {
        TreeSet<String> required = new TreeSet<>(body.required());
        required.remove(asked);
        yield new Clause(
            "!has(%s) || (%s)".formatted(asked, body.text()),
            m -> !m.containsKey(asked) || body.holds().test(m),
            required);
      }
      case 1 -> {
        Clause atom = atom(count);
        TreeSet<String> required = new TreeSet<>(atom.required());
        required.remove(asked);
        yield new Clause(
            "has(%s) || !has(%s) && (%s)".formatted(asked, asked, atom.text()),
            m ->
                m.containsKey(asked)
                    || (m.keySet().containsAll(atom.required()) && atom.holds().test(m)),
            required);
      }
      default -> {
        List<Knob> numeric = knobs.stream().filter(k -> anyValue(k) instanceof Number).toList();
        if (numeric.size() < 2) {
          yield body;
        }
        String a = numeric.get(0).name();
        String b = numeric.get(1).name();
        yield new Clause(
            "double(%s) + double(%s) <= 3.0".formatted(a, b),
            m -> number(m, a) + number(m, b) <= 3,
            new TreeSet<>(List.of(a, b)));
      }
    };
  }

  private void addRuleUnlessDefaultsBreakIt(Clause rule) {
    try {
      boolean forbid = random.nextBoolean();
      SpaceBuilder builder = space.toBuilder();
      if (forbid) {
        builder.forbid("!(" + rule.text() + ")", "rule " + rules.size());
      } else {
        builder.require(rule.text(), "rule " + rules.size());
      }
      space = builder.build();
      rules.add(rule);
    } catch (InvalidDefinitionException | InfeasibleSpaceException defaultsBreakIt) {
      // The next rule may suit them.
    }
  }
}
