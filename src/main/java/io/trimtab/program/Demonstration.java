package io.trimtab.program;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A worked example that is shown to the model before the question.
 *
 * @param values inputs and outputs by field name; fields a signature does not know are not shown
 * @param augmented whether a program made it, rather than a person
 */
public record Demonstration(FieldValues values, boolean augmented) {

  /**
   * Creates a demonstration written by a person.
   *
   * @param values inputs and outputs by field name
   * @return the demonstration
   */
  public static Demonstration of(Map<String, ? extends @Nullable Object> values) {
    return new Demonstration(FieldValues.of(values), /* augmented= */ false);
  }

  /**
   * Turns a labelled example into a demonstration.
   *
   * @param example the example
   * @return its inputs and labels
   */
  public static Demonstration of(Example example) {
    return new Demonstration(example.values(), /* augmented= */ false);
  }
}
