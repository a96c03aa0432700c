package io.trimtab.variable;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A frozen source over a map. */
final class ConstantSource implements VariableSource {

  static final ConstantSource EMPTY = new ConstantSource(Map.of());

  private final Map<String, Object> values;

  ConstantSource(Map<String, Object> values) {
    this.values = Map.copyOf(values);
  }

  static Object canonical(String name, @Nullable Object value) {
    if (value instanceof String
        || value instanceof Boolean
        || value instanceof Embedding
        || value instanceof Tensor) {
      return value;
    }
    if (value instanceof Float || value instanceof Double) {
      return ((Number) value).doubleValue();
    }
    Long integer = value instanceof Number number ? Numbers.toLong(number) : null;
    if (integer != null) {
      return integer;
    }
    if (value instanceof float[] floats) {
      return Embedding.of(floats);
    }
    throw new IllegalArgumentException(
        "%s: expected a number, boolean, text, embedding or tensor, got %s".formatted(name, value));
  }

  @Override
  public @Nullable Object lookup(String key) {
    return values.get(key);
  }

  @Override
  public VariableSource snapshot() {
    return this;
  }

  @Override
  public String describe() {
    return "the constants " + values.keySet();
  }

  @Override
  public String toString() {
    return describe();
  }
}
