package io.trimtab.variable;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The set of values a variable may take: a type and its constraints.
 *
 * <p>The family is closed, so a {@code switch} over it can be complete. A domain cannot exist in a
 * contradictory state: its constructor throws {@link InvalidDefinitionException} with every fault.
 * Immutable and safe for all threads.
 *
 * <pre>{@code
 * Domain<Double> temperature = FloatDomain.between(0.0, 2.0);
 * temperature.normalize(1);     // 1.0, the canonical Double
 * temperature.normalize("hot"); // InvalidValueException
 * }</pre>
 *
 * @param <T> the canonical Java type of its values
 */
public sealed interface Domain<T>
    permits FloatDomain,
        IntegerDomain,
        BooleanDomain,
        StringDomain,
        ChoiceDomain,
        ModuleDomain,
        EmbeddingDomain,
        TensorDomain {

  /**
   * Returns the type of the values.
   *
   * @return the type
   */
  VariableType type();

  /**
   * Returns the canonical Java class of the values.
   *
   * @return the class {@link #normalize} returns instances of
   */
  Class<T> valueClass();

  /**
   * Casts a value to the canonical type without judging the constraints.
   *
   * @param value what a caller handed in, possibly of a lesser type such as {@link Integer}
   * @return the canonical value, or null if the value has no such form
   */
  @Nullable T cast(@Nullable Object value);

  /**
   * Names the constraint a canonical value breaks.
   *
   * @param value a canonical value
   * @return what was expected, such as {@code a value in [0.0, 2.0]}, or null if the value belongs
   *     to the domain
   */
  @Nullable String brokenRule(T value);

  /**
   * Says in a few words which values are accepted, as error messages and reports print it.
   *
   * @return such as {@code a number in [0.0, 2.0]}
   */
  String description();

  /**
   * Returns the constraints that differ from none, as plain JSON values under their documented
   * keys.
   *
   * @return an unmodifiable map, empty for an unconstrained domain
   */
  Map<String, Object> constraints();

  /**
   * Encodes a value of this domain as plain JSON values, exactly.
   *
   * @param value a canonical value
   * @return a tree that {@link #decode} turns back into an equal value
   */
  Object encode(T value);

  /**
   * Decodes what {@link #encode} wrote, without judging the constraints.
   *
   * @param tree plain JSON values
   * @return the canonical value, or null if the tree does not encode one
   */
  @Nullable T decode(@Nullable Object tree);

  /**
   * Casts a value and checks it against every constraint.
   *
   * @param subject what to call the value in an error, usually the variable's name
   * @param value what a caller handed in
   * @return the canonical value
   * @throws InvalidValueException if the value has another type or breaks a constraint
   */
  default T normalize(String subject, @Nullable Object value) {
    T canonical = cast(value);
    String expected = canonical == null ? description() : brokenRule(canonical);
    if (canonical == null || expected != null) {
      String rule = expected == null ? description() : expected;
      throw new InvalidValueException(List.of(Violation.of(subject, rule, value)));
    }
    return canonical;
  }

  /**
   * Casts a value and checks it against every constraint.
   *
   * @param value what a caller handed in
   * @return the canonical value
   * @throws InvalidValueException if the value has another type or breaks a constraint
   */
  default T normalize(@Nullable Object value) {
    return normalize("value", value);
  }

  /**
   * Tells whether a value belongs to this domain, after casting it.
   *
   * @param value any value
   * @return whether {@link #normalize(Object)} would accept it
   */
  default boolean accepts(@Nullable Object value) {
    return accepted(value) != null;
  }

  /**
   * Returns the canonical form of a value, or null where {@link #normalize(Object)} would refuse
   * it.
   *
   * @param value any value
   * @return what {@link #normalize(Object)} would return, or null
   */
  default @Nullable T accepted(@Nullable Object value) {
    T canonical = cast(value);
    return canonical != null && brokenRule(canonical) == null ? canonical : null;
  }

  /**
   * Builds a domain from its type and constraint keys, as read from JSON.
   *
   * @param type the type of the values
   * @param constraints the constraints under their documented keys
   * @return the domain
   * @throws InvalidDefinitionException if a key is unknown, has a wrong type, or the domain
   *     contradicts itself; every fault is listed
   */
  static Domain<?> of(VariableType type, Map<String, ? extends @Nullable Object> constraints) {
    return new ConstraintReader(type, constraints).domain();
  }
}
