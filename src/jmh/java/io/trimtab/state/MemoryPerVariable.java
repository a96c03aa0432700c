package io.trimtab.state;

import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints how many bytes of heap {@link LocalState} takes per variable, beyond the definition, with
 * 10,000 variables that were registered and never written again.
 *
 * <p>Run with {@code -Xmx1g -XX:+UseSerialGC}.
 */
public final class MemoryPerVariable {

  private static final int VARIABLES = 10_000;

  private MemoryPerVariable() {}

  /**
   * Measures and prints.
   *
   * @param args ignored
   */
  public static void main(String[] args) {
    FloatDomain domain = FloatDomain.between(0, 2);
    List<Variable<?>> definitions = new ArrayList<>();
    for (int i = 0; i < VARIABLES; i++) {
      definitions.add(Variable.of("variable_" + i, domain, 0.7));
    }
    for (int i = 0; i < 3; i++) { // the last counts: by then the classes are loaded and compiled
      measure("one by one", definitions, state -> definitions.forEach(state::register));
    }
    measure("in one batch", definitions, state -> state.registerAll(definitions, WriteContext.JVM));
    measure(
        "one by one, then 60 writes each",
        definitions,
        state -> {
          definitions.forEach(state::register);
          for (int i = 0; i < 60; i++) {
            for (Variable<?> definition : definitions) {
              state.set(definition.name(), i / 60.0);
            }
          }
        });
  }

  private static void measure(
      String how, List<Variable<?>> definitions, java.util.function.Consumer<LocalState> fill) {
    long before = used();
    LocalState state = LocalState.create();
    fill.accept(state);
    long after = used();
    if (state.find("variable_0") == null || definitions.size() != VARIABLES) {
      throw new AssertionError("kept alive until here");
    }
    System.out.printf("%s: %d bytes per variable%n", how, (after - before) / VARIABLES);
    state.close();
  }

  private static long used() {
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
