package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.Dependency;
import io.trimtab.state.DependencyCycleException;
import io.trimtab.state.StateProvider;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every provider promises about dependencies: they form no cycle and give an order. */
public interface DependencyContract extends StateProviderFixture {

  private static void register(StateProvider provider, String... names) {
    for (String name : names) {
      provider.register(Variable.bool(name, true));
    }
  }

  /** In a diamond the tip comes first and the foot last. */
  @Test
  default void updateOrder_diamond_isTopological() {
    try (StateProvider provider = open()) {
      register(provider, "d", "c", "b", "a");
      provider.addDependency("a", "b");
      provider.addDependency("a", "c");
      provider.addDependency("b", "d");
      provider.addDependency("c", "d");

      List<String> order = provider.updateOrder();

      assertThat(order).containsExactlyInAnyOrder("a", "b", "c", "d");
      assertThat(order.get(0)).isEqualTo("a");
      assertThat(order.get(3)).isEqualTo("d");
    }
  }

  /** Without dependencies the order is that of registration. */
  @Test
  default void updateOrder_withoutDependencies_isTheOrderOfRegistration() {
    try (StateProvider provider = open()) {
      register(provider, "z", "m", "a", "k");
      assertThat(provider.updateOrder()).containsExactly("z", "m", "a", "k");

      provider.addDependency("k", "z");

      assertThat(provider.updateOrder()).containsExactlyInAnyOrder("z", "m", "a", "k");
      assertThat(provider.updateOrder()).containsSubsequence("k", "z");
      assertThat(provider.updateOrder()).containsSubsequence("m", "a");
    }
  }

  /** An edge that closes a cycle is refused, however long the cycle. */
  @Test
  default void addDependency_closingACycle_isRefused() {
    try (StateProvider provider = open()) {
      register(provider, "a", "b", "c");
      provider.addDependency("a", "b");
      provider.addDependency("b", "c");
      Set<Dependency> before = provider.dependencies();

      assertThatThrownBy(() -> provider.addDependency("c", "a"))
          .isInstanceOfSatisfying(
              DependencyCycleException.class,
              e -> {
                assertThat(e.cycle()).hasSize(4);
                assertThat(e.cycle().get(0)).isEqualTo(e.cycle().get(3));
                assertThat(e.cycle()).contains("a", "b", "c");
                for (int i = 1; i < 4; i++) {
                  Dependency step = new Dependency(e.cycle().get(i - 1), e.cycle().get(i));
                  assertThat(before.contains(step) || step.equals(new Dependency("c", "a")))
                      .as("%s of %s", step, e.cycle())
                      .isTrue();
                }
              });
      assertThatThrownBy(() -> provider.addDependency("b", "a"))
          .isInstanceOf(DependencyCycleException.class);
      assertThatThrownBy(() -> provider.addDependency("a", "a"))
          .isInstanceOf(DependencyCycleException.class);

      assertThat(provider.dependencies()).isEqualTo(before);
    }
  }

  /** Both ends must exist. */
  @Test
  default void addDependency_missingVariable_isRefused() {
    try (StateProvider provider = open()) {
      register(provider, "a");

      assertThatThrownBy(() -> provider.addDependency("a", "nowhere"))
          .isInstanceOfSatisfying(
              VariableNotFoundException.class,
              e -> assertThat(e.keys()).containsExactly("nowhere"));
      assertThatThrownBy(() -> provider.addDependency("nowhere", "a"))
          .isInstanceOf(VariableNotFoundException.class);
      assertThat(provider.dependencies()).isEmpty();
    }
  }

  /** Ids and names say the same; adding or removing twice is adding or removing once. */
  @Test
  default void dependencies_byNameOrId_areTheSame() {
    try (StateProvider provider = open()) {
      String a = provider.register(Variable.bool("a", true)).id();
      String b = provider.register(Variable.bool("b", true)).id();

      provider.addDependency(a, "b");
      provider.addDependency("a", b);
      assertThat(provider.dependencies()).isEqualTo(Set.of(new Dependency("a", "b")));

      provider.removeDependency(a, b);
      provider.removeDependency("a", "b");
      provider.removeDependency("a", "nowhere");
      assertThat(provider.dependencies()).isEmpty();

      provider.addDependency("b", "a");
      assertThat(provider.updateOrder()).containsExactly("b", "a");
    }
  }

  /** A deleted variable takes its dependencies along. */
  @Test
  default void dependencies_ofADeletedVariable_areGone() {
    try (StateProvider provider = open()) {
      register(provider, "a", "b", "c");
      provider.addDependency("a", "b");
      provider.addDependency("b", "c");

      provider.delete("b");

      assertThat(provider.dependencies()).isEmpty();
      assertThat(provider.updateOrder()).containsExactly("a", "c");
      register(provider, "b");
      assertThat(provider.dependencies()).isEmpty();
      provider.addDependency("c", "a");
    }
  }
}
