package io.trimtab.variable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a domain from constraint keys, reporting unknown keys, wrong types and contradictions
 * together.
 */
final class ConstraintReader {

  private final VariableType type;
  private final Map<String, ? extends @Nullable Object> constraints;
  private final Definition faults = new Definition();

  ConstraintReader(VariableType type, Map<String, ? extends @Nullable Object> constraints) {
    this.type = type;
    this.constraints = constraints;
  }

  Domain<?> domain() {
    rejectUnknown(known(type));
    return switch (type) {
      case FLOAT -> floats();
      case INTEGER -> integers();
      case BOOLEAN -> sound(new BooleanDomain());
      case STRING -> strings();
      case CHOICE -> choices();
      case MODULE -> {
        List<String> allowed = texts("allowed");
        yield build(() -> new ModuleDomain(allowed));
      }
      case EMBEDDING -> {
        long dimensions = integer("dimensions", 0, 0, Embedding.MAX_DIMENSIONS);
        boolean normalized = flag("normalized");
        yield build(() -> new EmbeddingDomain((int) dimensions, normalized));
      }
      case TENSOR -> tensors();
    };
  }

  private static Set<String> known(VariableType type) {
    return switch (type) {
      case FLOAT -> Set.of("min", "max", "step", "scale", "allow_non_finite");
      case INTEGER -> Set.of("min", "max", "step", "scale");
      case BOOLEAN -> Set.of();
      case STRING -> Set.of("min_length", "max_length", "pattern", "allowed");
      case CHOICE -> Set.of("options", "weights", "ordinal");
      case MODULE -> Set.of("allowed");
      case EMBEDDING -> Set.of("dimensions", "normalized");
      case TENSOR -> Set.of("shape", "dtype");
    };
  }

  private void rejectUnknown(Set<String> known) {
    for (String key : constraints.keySet()) {
      faults.require(
          known.contains(key), key, "a constraint of " + type + " " + new TreeSet<>(known), key);
    }
  }

  private Domain<?> floats() {
    double min = number("min", Double.NEGATIVE_INFINITY);
    double max = number("max", Double.POSITIVE_INFINITY);
    double step = number("step", 0);
    Scale scale = scale();
    boolean nonFinite = flag("allow_non_finite");
    return build(() -> new FloatDomain(min, max, step, scale, nonFinite));
  }

  private Domain<?> integers() {
    long min = integer("min", Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
    long max = integer("max", Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
    long step = integer("step", 1, Long.MIN_VALUE, Long.MAX_VALUE);
    Scale scale = scale();
    return build(() -> new IntegerDomain(min, max, step, scale));
  }

  private Domain<?> strings() {
    long min = integer("min_length", 0, Integer.MIN_VALUE, Integer.MAX_VALUE);
    long max =
        integer(
            "max_length", StringDomain.DEFAULT_MAX_LENGTH, Integer.MIN_VALUE, Integer.MAX_VALUE);
    String pattern = text("pattern");
    List<String> allowed = texts("allowed");
    return build(() -> new StringDomain((int) min, (int) max, pattern, allowed));
  }

  private Domain<?> choices() {
    List<String> options = texts("options");
    boolean ordinal = flag("ordinal");
    List<Double> weights = new ArrayList<>();
    for (Object item : list("weights")) {
      if (item instanceof Number weight) {
        weights.add(weight.doubleValue());
      } else {
        faults.require(false, "weights", "numbers", item);
      }
    }
    return build(() -> new ChoiceDomain(options, weights, ordinal));
  }

  private Domain<?> tensors() {
    List<Integer> shape = new ArrayList<>();
    for (Object item : list("shape")) {
      Long extent = item instanceof Number n ? Numbers.toLong(n) : null;
      boolean good = extent != null && extent >= 0 && extent <= Tensor.MAX_BYTES;
      faults.require(good, "shape", "integers of at least 0", item);
      shape.add(good && extent != null ? extent.intValue() : 0);
    }
    String dtype = text("dtype");
    ElementType elementType = null;
    for (ElementType candidate : ElementType.values()) {
      elementType = candidate.name().equals(dtype) ? candidate : elementType;
    }
    faults.require(
        dtype == null || elementType != null,
        "dtype",
        "one of " + List.of(ElementType.values()),
        dtype);
    ElementType chosen = elementType;
    return build(() -> new TensorDomain(chosen, constraints.get("shape") == null ? null : shape));
  }

  private Domain<?> build(Supplier<Domain<?>> constructor) {
    Domain<?> domain;
    try {
      domain = constructor.get();
    } catch (InvalidDefinitionException e) {
      e.violations().forEach(faults::add);
      faults.check();
      throw e;
    }
    return sound(domain);
  }

  private Domain<?> sound(Domain<?> domain) {
    faults.check();
    return domain;
  }

  private double number(String key, double absent) {
    Object value = constraints.get(key);
    if (value == null) {
      return absent;
    }
    Double number = value instanceof Number n ? Numbers.toDouble(n) : null;
    faults.require(number != null, key, "a number", value);
    return number == null ? absent : number;
  }

  private long integer(String key, long absent, long least, long greatest) {
    Object value = constraints.get(key);
    if (value == null) {
      return absent;
    }
    Long number = value instanceof Number n ? Numbers.toLong(n) : null;
    boolean good = number != null && number >= least && number <= greatest;
    faults.require(good, key, "an integer in [" + least + ", " + greatest + "]", value);
    return good && number != null ? number : absent;
  }

  private boolean flag(String key) {
    Object value = constraints.get(key);
    faults.require(value == null || value instanceof Boolean, key, "true or false", value);
    return Boolean.TRUE.equals(value);
  }

  private Scale scale() {
    String name = text("scale");
    boolean good = name == null || name.equals("LINEAR") || name.equals("LOG");
    faults.require(good, "scale", "LINEAR or LOG", name);
    return "LOG".equals(name) ? Scale.LOG : Scale.LINEAR;
  }

  private @Nullable String text(String key) {
    Object value = constraints.get(key);
    faults.require(value == null || value instanceof String, key, "text", value);
    return value instanceof String text ? text : null;
  }

  private List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object item : list(key)) {
      if (item instanceof String text) {
        texts.add(text);
      } else {
        faults.require(false, key, "a list of texts", item);
      }
    }
    return texts;
  }

  private List<?> list(String key) {
    Object value = constraints.get(key);
    faults.require(value == null || value instanceof List<?>, key, "a list", value);
    return value instanceof List<?> list ? list : List.of();
  }
}
