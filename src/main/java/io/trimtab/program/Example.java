package io.trimtab.program;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of a dataset: what goes into a program, and the labels its answer is compared with.
 *
 * <p>Immutable.
 *
 * @param values inputs and labels by field name
 * @param inputNames which of them go into the program
 */
public record Example(FieldValues values, Set<String> inputNames) {

  /**
   * Rejects input names without a value.
   *
   * @param values as documented above
   * @param inputNames as documented above
   */
  public Example {
    inputNames = Collections.unmodifiableSet(new LinkedHashSet<>(inputNames));
    if (!values.names().containsAll(inputNames)) {
      throw new IllegalArgumentException(
          "the inputs %s need a value each, got values for %s"
              .formatted(inputNames, values.names()));
    }
  }

  /**
   * Creates an example whose inputs are still to be named.
   *
   * @param values inputs and labels by field name
   * @return the example, without inputs
   */
  public static Example of(Map<String, ? extends @Nullable Object> values) {
    return new Example(FieldValues.of(values), Set.of());
  }

  /**
   * Creates an example.
   *
   * @param inputs what goes into the program
   * @param labels what its answer is compared with
   * @return the example
   */
  public static Example of(
      Map<String, ? extends @Nullable Object> inputs,
      Map<String, ? extends @Nullable Object> labels) {
    FieldValues values = FieldValues.of(inputs);
    return new Example(values.with(FieldValues.of(labels)), inputs.keySet());
  }

  /**
   * Returns an example that differs in which values are inputs.
   *
   * @param names the names of the inputs; everything else is a label
   * @return a new example
   */
  public Example withInputs(String... names) {
    return new Example(values, new LinkedHashSet<>(Arrays.asList(names)));
  }

  /**
   * Returns what goes into the program.
   *
   * @return the inputs
   */
  public FieldValues inputs() {
    return values.only(inputNames);
  }

  /**
   * Returns what the answer is compared with.
   *
   * @return everything that is no input
   */
  public FieldValues labels() {
    return values.without(inputNames);
  }
}
