package io.trimtab.space;

import io.trimtab.variable.BooleanDomain;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.Domain;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.TensorDomain;
import io.trimtab.variable.Variable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a {@link ConfigurationSpace}: its variable, when it is active, and how it lies
 * on the unit interval. Immutable.
 */
public final class Parameter {

  private final int slot;
  private final String memberName;
  private final Variable<?> variable;
  private final boolean constant;
  private final List<String> activeWhen;
  private final Axis axis;

  Parameter(
      int slot,
      String memberName,
      Variable<?> variable,
      boolean constant,
      List<String> activeWhen) {
    this.slot = slot;
    this.memberName = memberName;
    this.variable = variable;
    this.constant = constant;
    this.activeWhen = List.copyOf(activeWhen);
    Axis bounded = constant ? null : bounded(variable.domain());
    this.axis = bounded == null ? ListAxis.of(List.of(variable.defaultValue())) : bounded;
  }

  /** Returns the axis of a domain that can be drawn from, or null for one that is open-ended. */
  private static @Nullable Axis bounded(Domain<?> domain) {
    if (domain instanceof FloatDomain floats) {
      return bounded(floats);
    }
    if (domain instanceof IntegerDomain integers) {
      return bounded(integers);
    }
    if (domain instanceof BooleanDomain) {
      return ListAxis.of(List.of(false, true));
    }
    if (domain instanceof ChoiceDomain choice) {
      return ListAxis.weighted(choice.options(), choice.weights());
    }
    if (domain instanceof ModuleDomain modules) {
      return modules.allowed().isEmpty() ? null : ListAxis.of(modules.allowed());
    }
    if (domain instanceof StringDomain texts) {
      return texts.allowed().isEmpty() ? null : ListAxis.of(texts.allowed());
    }
    if (domain instanceof EmbeddingDomain || domain instanceof TensorDomain) {
      return null;
    }
    throw new AssertionError("Domain is sealed and every member is named above: " + domain);
  }

  private static @Nullable Axis bounded(FloatDomain domain) {
    if (!Double.isFinite(domain.min()) || !Double.isFinite(domain.max())) {
      return null;
    }
    if (domain.min() == domain.max()) {
      return ListAxis.of(List.of(domain.min()));
    }
    return domain.step() > 0 ? new GridAxis(domain) : new ContinuousAxis(domain);
  }

  private static @Nullable Axis bounded(IntegerDomain domain) {
    if (domain.min() == Long.MIN_VALUE || domain.max() == Long.MAX_VALUE) {
      return null;
    }
    return domain.scale() == Scale.LOG ? new LogIntegerAxis(domain) : new LinearIntegerAxis(domain);
  }

  int slot() {
    return slot;
  }

  /**
   * Returns the name rules use.
   *
   * @return the name within the space
   */
  public String name() {
    return variable.name();
  }

  /**
   * Returns the name a session uses: the space's prefix, a dot and the {@link #name}; without a
   * prefix the name itself.
   *
   * @return the name of the variable in a session
   */
  public String memberName() {
    return memberName;
  }

  /**
   * Returns the definition under the name within the space.
   *
   * @return the variable
   */
  public Variable<?> variable() {
    return variable;
  }

  /**
   * Tells whether the default is the only value.
   *
   * @return whether it was declared a constant
   */
  public boolean constant() {
    return constant;
  }

  /**
   * Tells whether conditions decide if it has a value.
   *
   * @return whether {@link #activeWhen} is not empty
   */
  public boolean conditional() {
    return !activeWhen.isEmpty();
  }

  /**
   * Tells whether the values have an order, so that near ones are alike: numbers and ordinals.
   *
   * @return false for booleans, texts, modules, vectors and choices without order
   */
  public boolean ordered() {
    Domain<?> domain = variable.domain();
    return domain instanceof FloatDomain
        || domain instanceof IntegerDomain
        || (domain instanceof ChoiceDomain choice && choice.ordinal());
  }

  /**
   * Returns the conditions that must all hold for the parameter to be active.
   *
   * @return expressions over other parameters; empty if it is always active
   */
  public List<String> activeWhen() {
    return activeWhen;
  }

  /**
   * Returns how the values lie on the unit interval.
   *
   * @return the axis; a single cell for what is never varied
   */
  public Axis axis() {
    return axis;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Parameter that
        && variable.equals(that.variable)
        && constant == that.constant
        && memberName.equals(that.memberName)
        && activeWhen.equals(that.activeWhen);
  }

  @Override
  public int hashCode() {
    return variable.hashCode();
  }

  @Override
  public String toString() {
    String text = variable.toString() + (constant ? ", constant" : "");
    return conditional() ? text + ", when " + String.join(" and ", activeWhen) : text;
  }
}
