package io.trimtab.variable;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Dense arrays. Only {@link Tensor} values are accepted. JSON keys: {@code shape}, {@code dtype}.
 *
 * @param elementType what the elements are, or null for any
 * @param shape the required extents, or null for any shape
 */
public record TensorDomain(@Nullable ElementType elementType, @Nullable List<Integer> shape)
    implements Domain<Tensor> {

  /**
   * Rejects negative extents and too many of them.
   *
   * @param elementType what the elements are, or null for any
   * @param shape the required extents, or null for any shape
   */
  public TensorDomain {
    if (shape != null) {
      Definition definition =
          new Definition()
              .require(
                  shape.size() <= Tensor.MAX_RANK,
                  "shape",
                  "at most " + Tensor.MAX_RANK + " extents",
                  shape);
      for (int extent : shape) {
        definition.require(extent >= 0, "shape", "extents of at least 0", shape);
      }
      definition.check();
      shape = List.copyOf(shape);
    }
  }

  /**
   * Returns all tensors.
   *
   * @return the domain without constraints
   */
  public static TensorDomain any() {
    return new TensorDomain(null, null);
  }

  @Override
  public VariableType type() {
    return VariableType.TENSOR;
  }

  @Override
  public Class<Tensor> valueClass() {
    return Tensor.class;
  }

  @Override
  public @Nullable Tensor cast(@Nullable Object value) {
    return value instanceof Tensor tensor ? tensor : null;
  }

  @Override
  public @Nullable String brokenRule(Tensor value) {
    boolean fits = elementType == null || elementType == value.elementType();
    boolean shaped = shape == null || shape.equals(value.shape());
    return fits && shaped ? null : description();
  }

  @Override
  public String description() {
    String text = elementType == null ? "a tensor" : "a " + elementType + " tensor";
    return shape == null ? text : text + " of shape " + shape;
  }

  @Override
  public Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (shape != null) {
      map.put("shape", shape.stream().map(Integer::longValue).toList());
    }
    if (elementType != null) {
      map.put("dtype", elementType.name());
    }
    return Collections.unmodifiableMap(map);
  }

  @Override
  public Object encode(Tensor value) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("dtype", value.elementType().name());
    tree.put("shape", value.shape().stream().map(Integer::longValue).toList());
    tree.put("data", Base64.getEncoder().encodeToString(value.toBytes()));
    return tree;
  }

  @Override
  public @Nullable Tensor decode(@Nullable Object tree) {
    if (!(tree instanceof Map<?, ?> map)
        || map.size() != 3
        || !(map.get("dtype") instanceof String dtype)
        || !(map.get("shape") instanceof List<?> extents)
        || !(map.get("data") instanceof String data)) {
      return null;
    }
    List<Integer> shape = new ArrayList<>();
    for (Object extent : extents) {
      if (!(extent instanceof Long n) || n < 0 || n > Tensor.MAX_BYTES) {
        return null;
      }
      shape.add(n.intValue());
    }
    try {
      return Tensor.of(ElementType.valueOf(dtype), shape, Base64.getDecoder().decode(data));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return null; // unknown dtype, bad base64, or shape and data disagree
    }
  }

  @Override
  public String toString() {
    return description();
  }
}
