package io.trimtab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * Explores the interleavings of small scenarios on two threads and compares what each call returned
 * with what one thread would have been told.
 *
 * <p>Scenarios and interleavings are the same on every run, so what is found once is found again.
 * The long profile explores twenty times the interleavings, and random scenarios besides.
 */
public final class ModelCheck {
  /*
   * One interleaving costs as much as it has accesses to memory that might be shared. What no two threads can race for
   * is therefore one step: values, what builds them, and what is only touched under a lock. The locks themselves and
   * the classes named by switchingWithin() are explored access by access.
   */

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  /**
   * One call of one thread.
   *
   * @param operation the name of a method of the scenario class
   * @param arguments what it is called with
   */
  public record Call(String operation, List<Object> arguments) {

    private Actor on(Class<?> type) {
      return new Actor(method(type, operation), arguments);
    }
  }

  private record Scenario(List<Call> before, List<Call> one, List<Call> other, List<Call> after) {

    ExecutionScenario on(Class<?> type, Actor validation) {
      return new ExecutionScenario(
          actors(before, type),
          List.of(actors(one, type), actors(other, type)),
          actors(after, type),
          validation);
    }

    private static List<Actor> actors(List<Call> calls, Class<?> type) {
      return calls.stream().map(call -> call.on(type)).toList();
    }
  }

  private final Class<?> specification;
  private final int interleavings;
  private final List<Scenario> scenarios = new ArrayList<>();
  private Set<Class<?>> explored = Set.of();

  private ModelCheck(Class<?> specification, int interleavings) {
    this.specification = specification;
    this.interleavings = interleavings;
  }

  /**
   * Starts a check of what callers may assume.
   *
   * @param specification the same operations, written for one thread
   * @param interleavings how many of each scenario the short profile explores, those with the
   *     fewest switches first
   * @return a check without scenarios
   */
  public static ModelCheck against(Class<?> specification, int interleavings) {
    return new ModelCheck(specification, interleavings);
  }

  /**
   * Lets threads switch only within these classes, and within the JDK's concurrent ones.
   *
   * @param classes those that threads race in; nested ones go with them
   * @return this check
   */
  public ModelCheck switchingWithin(Class<?>... classes) {
    this.explored = Set.of(classes);
    return this;
  }

  /**
   * Adds a scenario.
   *
   * @param before what one thread calls first
   * @param one what one of two threads calls
   * @param other what the other one calls meanwhile
   * @param after what one thread calls at the end
   * @return this check
   */
  public ModelCheck scenario(
      List<Call> before, List<Call> one, List<Call> other, List<Call> after) {
    scenarios.add(new Scenario(before, one, other, after));
    return this;
  }

  /**
   * Names a call.
   *
   * @param operation the name of a method of the scenario class
   * @param arguments what it is called with
   * @return the call
   */
  public static Call call(String operation, Object... arguments) {
    return new Call(operation, List.of(arguments));
  }

  /**
   * Explores every scenario and fails with the interleaving that contradicts the specification.
   *
   * @param type the class whose operations are called
   */
  public void check(Class<?> type) {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(LONG ? 100 : 0)
            .invocationsPerIteration(LONG ? 20 * interleavings : interleavings)
            .threads(2)
            .actorsPerThread(3)
            .actorsBefore(1)
            .actorsAfter(1)
            .minimizeFailedScenario(false)
            .sequentialSpecification(specification);
    Actor validation = validation(type);
    scenarios.forEach(scenario -> options.addCustomScenario(scenario.on(type, validation)));
    options.addGuarantee(
        ManagedStrategyGuaranteeKt.forClasses("java.util.concurrent.ConcurrentHashMap")
            .allMethods()
            .treatAsAtomic());
    if (!explored.isEmpty()) {
      options.addGuarantee(
          ManagedStrategyGuaranteeKt.forClasses(this::isOneStep).allMethods().ignore());
    }
    options.check(type);
  }

  /**
   * Explores the same scenarios on a class with a planted fault, which must be found.
   *
   * @param type the class whose operations are called
   */
  public void checkFinds(Class<?> type) {
    Throwable failure = catchThrowable(() -> check(type));

    assertThat(failure).as("the fault of %s", type.getSimpleName()).isNotNull();
    assertThat(failure.getClass().getSimpleName()).isEqualTo("LincheckAssertionError");
    assertThat(failure.getMessage())
        .containsAnyOf("Invalid execution results", "Validation function");
  }

  private static Actor validation(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.isAnnotationPresent(Validate.class))
        .map(method -> new Actor(method, List.of()))
        .findFirst()
        .orElse(null);
  }

  private static Method method(Class<?> type, String name) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("%s has no operation %s".formatted(type, name)));
  }

  private boolean isOneStep(String type) {
    if (type.startsWith("java.util.concurrent.")) {
      return false;
    }
    return type.startsWith("java.util.")
        || type.startsWith("java.lang.Throwable")
        || type.startsWith("java.lang.String")
        || (type.startsWith("io.trimtab.")
            && explored.stream().noneMatch(each -> isWithin(each, type)));
  }

  /** Nested classes come under either of their two spellings. */
  private static boolean isWithin(Class<?> outer, String type) {
    return (type.replace('$', '.') + ".").startsWith(outer.getName() + ".");
  }
}
