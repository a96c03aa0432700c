package io.trimtab.variable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of 32-bit floats.
 *
 * <p>Accepted are {@link Embedding}, {@code float[]}, {@code double[]} and lists of numbers;
 * doubles are rounded to floats. JSON keys: {@code dimensions}, {@code normalized}.
 *
 * @param dimensions how many numbers a vector has, at least 1; or 0 for any number
 * @param normalized whether the Euclidean length must be 1, within one thousandth
 */
public record EmbeddingDomain(int dimensions, boolean normalized) implements Domain<Embedding> {

  private static final double NORM_TOLERANCE = 1e-3;

  /**
   * Rejects a negative or excessive number of dimensions.
   *
   * @param dimensions how many numbers a vector has, at least 1; or 0 for any number
   * @param normalized whether the Euclidean length must be 1, within one thousandth
   */
  public EmbeddingDomain {
    new Definition()
        .require(
            dimensions >= 0 && dimensions <= Embedding.MAX_DIMENSIONS,
            "dimensions",
            "0 (any) to " + Embedding.MAX_DIMENSIONS,
            dimensions)
        .check();
  }

  /**
   * Returns the vectors of a fixed number of dimensions.
   *
   * @param dimensions how many numbers a vector has, at least 1; or 0 for any number
   * @return the domain, of any length of vector
   */
  public static EmbeddingDomain of(int dimensions) {
    return new EmbeddingDomain(dimensions, /* normalized= */ false);
  }

  @Override
  public VariableType type() {
    return VariableType.EMBEDDING;
  }

  @Override
  public Class<Embedding> valueClass() {
    return Embedding.class;
  }

  @Override
  public @Nullable Embedding cast(@Nullable Object value) {
    if (value instanceof Embedding embedding) {
      return embedding;
    }
    float[] floats = floats(value);
    if (floats == null || floats.length == 0 || floats.length > Embedding.MAX_DIMENSIONS) {
      return null;
    }
    for (float f : floats) {
      if (!Float.isFinite(f)) {
        return null;
      }
    }
    return Embedding.of(floats);
  }

  private static float @Nullable [] floats(@Nullable Object value) {
    if (value instanceof float[] floats) {
      return floats;
    }
    if (value instanceof double[] doubles) {
      float[] floats = new float[doubles.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) doubles[i];
      }
      return floats;
    }
    return value instanceof List<?> list ? floats(list) : null;
  }

  private static float @Nullable [] floats(List<?> list) {
    float[] floats = new float[list.size()];
    int i = 0;
    for (Object item : list) {
      if (!(item instanceof Number number)) {
        return null;
      }
      floats[i++] = number.floatValue();
    }
    return floats;
  }

  @Override
  public @Nullable String brokenRule(Embedding value) {
    boolean fits = dimensions == 0 || value.dimensions() == dimensions;
    boolean unit = !normalized || Math.abs(value.norm() - 1) <= NORM_TOLERANCE;
    return fits && unit ? null : description();
  }

  @Override
  public String description() {
    String text =
        dimensions == 0
            ? "a vector of finite numbers"
            : "a vector of " + dimensions + " finite numbers";
    return normalized ? text + " of length 1" : text;
  }

  @Override
  public Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (dimensions != 0) {
      map.put("dimensions", (long) dimensions);
    }
    if (normalized) {
      map.put("normalized", true);
    }
    return Collections.unmodifiableMap(map);
  }

  @Override
  public Object encode(Embedding value) {
    // Widened to double, whose decimal form is exact for every float.
    List<Object> numbers = new ArrayList<>(value.dimensions());
    for (int i = 0; i < value.dimensions(); i++) {
      numbers.add((double) value.at(i));
    }
    return numbers;
  }

  @Override
  public @Nullable Embedding decode(@Nullable Object tree) {
    return cast(tree);
  }

  @Override
  public String toString() {
    return description();
  }
}
