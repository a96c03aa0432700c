package io.trimtab.variable;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** True and false, nothing else: {@code 1} and {@code "true"} are refused. Has no constraints. */
public record BooleanDomain() implements Domain<Boolean> {

  @Override
  public VariableType type() {
    return VariableType.BOOLEAN;
  }

  @Override
  public Class<Boolean> valueClass() {
    return Boolean.class;
  }

  @Override
  public @Nullable Boolean cast(@Nullable Object value) {
    return value instanceof Boolean flag ? flag : null;
  }

  @Override
  public @Nullable String brokenRule(Boolean value) {
    return null;
  }

  @Override
  public String description() {
    return "true or false";
  }

  @Override
  public Map<String, Object> constraints() {
    return Map.of();
  }

  @Override
  public Object encode(Boolean value) {
    return value;
  }

  @Override
  public @Nullable Boolean decode(@Nullable Object tree) {
    return cast(tree);
  }

  @Override
  public String toString() {
    return description();
  }
}
