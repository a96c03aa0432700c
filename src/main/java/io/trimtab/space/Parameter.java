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
import java.util.Objects;
import java.util.Optional;
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
  private final @Nullable Prior prior;
  private final Axis axis;

  Parameter(
      int slot,
      String memberName,
      Variable<?> variable,
      boolean constant,
      List<String> activeWhen,
      @Nullable Prior prior) {
    this.slot = slot;
    this.memberName = memberName;
    this.variable = variable;
    this.constant = constant;
    this.activeWhen = List.copyOf(activeWhen);
    this.prior = prior;
    Axis bounded = constant ? null : bounded(variable.domain(), prior);
    this.axis = bounded == null ? ListAxis.of(List.of(variable.defaultValue())) : bounded;
  }

  /** Returns the axis of a domain that can be drawn from, or null for one that is open-ended. */
  private static @Nullable Axis bounded(Domain<?> domain, @Nullable Prior prior) {
    if (domain instanceof FloatDomain floats) {
      return bounded(floats, prior);
    }
    if (domain instanceof IntegerDomain integers) {
      return bounded(integers, prior);
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

  private static @Nullable Axis bounded(FloatDomain domain, @Nullable Prior prior) {
    if (!Double.isFinite(domain.min()) || !Double.isFinite(domain.max())) {
      return null;
    }
    if (domain.min() == domain.max()) {
      return ListAxis.of(List.of(domain.min()));
    }
    Spread spread = Spread.of(prior, domain.min(), domain.max(), domain.scale());
    if (domain.step() > 0) {
      Axis grid = new GridAxis(domain);
      return spread == null ? grid : new SpreadAxis(grid, spread);
    }
    return new ContinuousAxis(domain, spread);
  }

  private static @Nullable Axis bounded(IntegerDomain domain, @Nullable Prior prior) {
    if (domain.min() == Long.MIN_VALUE || domain.max() == Long.MAX_VALUE) {
      return null;
    }
    Axis cells =
        domain.scale() == Scale.LOG ? new LogIntegerAxis(domain) : new LinearIntegerAxis(domain);
    double half = domain.step() / 2.0;
    Spread spread = Spread.of(prior, domain.min() - half, domain.max() + half, domain.scale());
    return spread == null || cells.cells() == 1 ? cells : new SpreadAxis(cells, spread);
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
   * Returns how likely its values are along its scale.
   *
   * @return the prior, or empty if they are spread evenly or by weights
   */
  public Optional<Prior> prior() {
    return Optional.ofNullable(prior);
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
        && activeWhen.equals(that.activeWhen)
        && Objects.equals(prior, that.prior);
  }

  @Override
  public int hashCode() {
    return variable.hashCode();
  }

  @Override
  public String toString() {
    String text =
        variable.toString() + (prior == null ? "" : ", " + prior) + (constant ? ", constant" : "");
    return conditional() ? text + ", when " + String.join(" and ", activeWhen) : text;
  }
}
