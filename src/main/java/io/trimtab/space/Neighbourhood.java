package io.trimtab.space;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The small steps that lead from one configuration to others. */
final class Neighbourhood {
  /*
   * A step changes one active parameter and what follows from it. A number moves by a normal step of SPREAD along its
   * unit interval, cut off at the ends, at least to the next cell; an ordered option moves to the one beside it; any
   * other option is exchanged for another. The neighbourhood of a configuration is, as in SMAC's local search [1],
   * every option of a choice, both options beside an ordered one, and STEPS random steps of a number. What becomes
   * active by a step is drawn from its prior: a default would make all neighbours in a new branch alike.
   *
   * [1] Hutter, Hoos, Leyton-Brown, Sequential Model-Based Optimization for General Algorithm Configuration, LION 2011.
   */

  private static final double SPREAD = 0.2;
  private static final int STEPS = 4;
  private static final int REDRAWS = 16;
  private static final int MUTATIONS = 256;

  private final Definition definition;
  private final List<Rule> rules;

  Neighbourhood(Definition definition, List<Rule> rules) {
    this.definition = definition;
    this.rules = rules;
  }

  /** Lists the valid neighbours, each once. */
  Stream<@Nullable Object[]> around(@Nullable Object[] centre, RandomGenerator random) {
    List<Integer> movable = new ArrayList<>(IntStream.of(movable(centre)).boxed().toList());
    for (int i = movable.size(); i > 1; i--) {
      Collections.swap(movable, i - 1, random.nextInt(i));
    }
    return movable.stream()
        .flatMap(slot -> values(slot, present(centre, slot), random).stream().map(v -> at(slot, v)))
        .map(step -> changed(centre, step.slot(), step.value(), random))
        .filter(this::valid);
  }

  /** Takes one random step to a valid configuration, or returns null if none was found. */
  @Nullable Object @Nullable [] mutated(@Nullable Object[] centre, RandomGenerator random) {
    int[] movable = movable(centre);
    for (int attempt = 0; attempt < MUTATIONS && movable.length > 0; attempt++) {
      int slot = movable[random.nextInt(movable.length)];
      Object value = step(slot, present(centre, slot), random);
      @Nullable Object[] changed = changed(centre, slot, value, random);
      if (valid(changed)) {
        return changed;
      }
    }
    return null;
  }

  private record Step(int slot, Object value) {}

  private static Step at(int slot, Object value) {
    return new Step(slot, value);
  }

  private static Object present(@Nullable Object[] values, int slot) {
    Object value = values[slot];
    if (value == null) {
      throw new AssertionError("only active parameters move");
    }
    return value;
  }

  /** The active slots with something to choose. */
  private int[] movable(@Nullable Object[] centre) {
    return IntStream.range(0, centre.length)
        .filter(slot -> centre[slot] != null && parameter(slot).axis().varies())
        .toArray();
  }

  private Parameter parameter(int slot) {
    return definition.parameters().get(slot);
  }

  private Set<Object> values(int slot, Object current, RandomGenerator random) {
    Axis axis = parameter(slot).axis();
    Set<Object> values = new LinkedHashSet<>();
    if (numeric(slot)) {
      for (int i = 0; i < STEPS; i++) {
        values.add(step(slot, current, random));
      }
    } else {
      long index = axis.indexOf(current);
      boolean beside = parameter(slot).ordered();
      long low = beside ? Math.max(0, index - 1) : 0;
      long high = beside ? Math.min(axis.cells() - 1, index + 1) : axis.cells() - 1;
      for (long i = low; i <= high; i++) {
        values.add(axis.valueAt(i));
      }
    }
    values.remove(current);
    return values;
  }

  private boolean numeric(int slot) {
    return switch (parameter(slot).variable().type()) {
      case FLOAT, INTEGER -> true;
      case BOOLEAN, STRING, CHOICE, MODULE, EMBEDDING, TENSOR -> false;
    };
  }

  private Object step(int slot, Object current, RandomGenerator random) {
    Axis axis = parameter(slot).axis();
    if (!numeric(slot)) {
      long index = axis.indexOf(current);
      return axis.valueAt(
          parameter(slot).ordered()
              ? beside(index, axis.cells(), random)
              : another(index, axis.cells(), random));
    }
    double u = axis.encode(current);
    for (int i = 0; i < REDRAWS; i++) {
      double moved = u + SPREAD * random.nextGaussian();
      if (moved >= 0 && moved <= 1) {
        Object value = axis.decode(moved);
        if (!value.equals(current)) {
          return value;
        }
      }
    }
    return axis.cells() == 0
        ? axis.decode(random.nextDouble())
        : axis.valueAt(beside(axis.indexOf(current), axis.cells(), random));
  }

  private static long another(long index, long cells, RandomGenerator random) {
    long drawn = random.nextLong(cells - 1);
    return drawn < index ? drawn : drawn + 1;
  }

  private static long beside(long index, long cells, RandomGenerator random) {
    boolean up = index == 0 || (index < cells - 1 && random.nextBoolean());
    return up ? index + 1 : index - 1;
  }

  /** Sets one value and settles what follows: activity, and values of what becomes active. */
  private @Nullable Object[] changed(
      @Nullable Object[] centre, int changed, Object value, RandomGenerator random) {
    @Nullable Object[] values = Arrays.copyOf(centre, centre.length);
    values[changed] = value;
    for (int slot : definition.order()) {
      if (!definition.active(slot, values)) {
        values[slot] = null;
      } else if (values[slot] == null) {
        values[slot] = parameter(slot).axis().sample(random);
      }
    }
    return values;
  }

  private boolean valid(@Nullable Object[] values) {
    for (Rule rule : rules) {
      if (!rule.check().holds(values)) {
        return false;
      }
    }
    return true;
  }
}
