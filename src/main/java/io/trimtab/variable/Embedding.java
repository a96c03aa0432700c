package io.trimtab.variable;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable vector of 32-bit floats, as embedding models produce it.
 *
 * <p>Equality is by bits, so {@code -0.0} differs from {@code 0.0}.
 */
public final class Embedding {

  /** Most dimensions of one vector. */
  public static final int MAX_DIMENSIONS = 1 << 20;

  private final float[] values;

  private Embedding(float[] values) {
    this.values = values;
  }

  /**
   * Copies a vector.
   *
   * @param values finite numbers, 1 to {@link #MAX_DIMENSIONS}
   * @return the embedding
   * @throws IllegalArgumentException if there are none or too many, or one is not finite
   */
  public static Embedding of(float... values) {
    if (values.length < 1 || values.length > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          "an embedding has 1 to %d dimensions, got %d".formatted(MAX_DIMENSIONS, values.length));
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "an embedding holds finite numbers, got %s at index %d".formatted(values[i], i));
      }
    }
    return new Embedding(values.clone());
  }

  /**
   * Returns the number of dimensions.
   *
   * @return at least 1
   */
  public int dimensions() {
    return values.length;
  }

  /**
   * Returns one coordinate.
   *
   * @param index in {@code [0, dimensions)}
   * @return the coordinate
   */
  public float at(int index) {
    return values[index];
  }

  /**
   * Copies the coordinates into a new array.
   *
   * @return an array the caller owns
   */
  public float[] toArray() {
    return values.clone();
  }

  /**
   * Returns the Euclidean length.
   *
   * @return the L2 norm, computed in doubles
   */
  public double norm() {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Embedding that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    String head = Arrays.toString(Arrays.copyOf(values, Math.min(values.length, 4)));
    return values.length <= 4
        ? head
        : head.replace("]", ", ...]") + " (" + values.length + " dimensions)";
  }
}
