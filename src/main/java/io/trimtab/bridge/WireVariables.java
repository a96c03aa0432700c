package io.trimtab.bridge;

import io.trimtab.bridge.wire.ChoiceConstraints;
import io.trimtab.bridge.wire.EmbeddingConstraints;
import io.trimtab.bridge.wire.FloatConstraints;
import io.trimtab.bridge.wire.IntegerConstraints;
import io.trimtab.bridge.wire.ModuleConstraints;
import io.trimtab.bridge.wire.StringConstraints;
import io.trimtab.bridge.wire.TensorConstraints;
import io.trimtab.bridge.wire.TensorShape;
import io.trimtab.bridge.wire.VariableDefinition;
import io.trimtab.variable.BooleanDomain;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.Domain;
import io.trimtab.variable.ElementType;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.TensorDomain;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns definitions of variables into messages and back. */
final class WireVariables {
  /*
   * A domain's constraints() is its JSON form, in which a constraint that is not there is absent; the messages say the same
   * with absent fields. So both directions go through that map, and Domain.of holds every rule.
   */

  private WireVariables() {}

  static VariableDefinition of(Variable<?> variable) {
    VariableDefinition.Builder message =
        VariableDefinition.newBuilder()
            .setName(variable.name())
            .setType(io.trimtab.bridge.wire.VariableType.valueOf(variable.type().name()))
            .setDefaultValue(WireValues.of(variable.defaultValue()))
            .setDescription(variable.description())
            .putAllMetadata(variable.metadata());
    Map<String, Object> constraints = variable.domain().constraints();
    Domain<?> domain = variable.domain();
    if (domain instanceof FloatDomain) {
      message.setFloat(floats(constraints));
    } else if (domain instanceof IntegerDomain) {
      message.setInteger(integers(constraints));
    } else if (domain instanceof StringDomain) {
      message.setText(texts(constraints));
    } else if (domain instanceof ChoiceDomain choice) {
      message.setChoice(
          ChoiceConstraints.newBuilder()
              .addAllOptions(choice.options())
              .addAllWeights(choice.weights())
              .setOrdinal(choice.ordinal()));
    } else if (domain instanceof ModuleDomain module) {
      message.setModule(ModuleConstraints.newBuilder().addAllAllowed(module.allowed()));
    } else if (domain instanceof EmbeddingDomain embedding) {
      message.setEmbedding(
          EmbeddingConstraints.newBuilder()
              .setDimensions(embedding.dimensions())
              .setNormalized(embedding.normalized()));
    } else if (domain instanceof TensorDomain tensor) {
      message.setTensor(tensors(tensor));
    } else if (!(domain instanceof BooleanDomain)) {
      throw new AssertionError("every kind of domain has been tried, got " + domain);
    }
    return message.build();
  }

  private static FloatConstraints floats(Map<String, Object> constraints) {
    FloatConstraints.Builder floats =
        FloatConstraints.newBuilder()
            .setScale(scale(constraints))
            .setAllowNonFinite(Boolean.TRUE.equals(constraints.get("allow_non_finite")));
    if (constraints.get("min") instanceof Double min) {
      floats.setMin(min);
    }
    if (constraints.get("max") instanceof Double max) {
      floats.setMax(max);
    }
    if (constraints.get("step") instanceof Double step) {
      floats.setStep(step);
    }
    return floats.build();
  }

  private static IntegerConstraints integers(Map<String, Object> constraints) {
    IntegerConstraints.Builder integers =
        IntegerConstraints.newBuilder().setScale(scale(constraints));
    if (constraints.get("min") instanceof Long min) {
      integers.setMin(min);
    }
    if (constraints.get("max") instanceof Long max) {
      integers.setMax(max);
    }
    if (constraints.get("step") instanceof Long step) {
      integers.setStep(step);
    }
    return integers.build();
  }

  private static io.trimtab.bridge.wire.Scale scale(Map<String, Object> constraints) {
    return Scale.LOG.name().equals(constraints.get("scale"))
        ? io.trimtab.bridge.wire.Scale.LOG
        : io.trimtab.bridge.wire.Scale.LINEAR;
  }

  private static StringConstraints texts(Map<String, Object> constraints) {
    StringConstraints.Builder texts = StringConstraints.newBuilder();
    if (constraints.get("min_length") instanceof Long min) {
      texts.setMinLength(min.intValue());
    }
    if (constraints.get("max_length") instanceof Long max) {
      texts.setMaxLength(max.intValue());
    }
    if (constraints.get("pattern") instanceof String pattern) {
      texts.setPattern(pattern);
    }
    if (constraints.get("allowed") instanceof List<?> allowed) {
      allowed.forEach(text -> texts.addAllowed((String) text));
    }
    return texts.build();
  }

  private static TensorConstraints tensors(TensorDomain domain) {
    TensorConstraints.Builder tensors = TensorConstraints.newBuilder();
    ElementType type = domain.elementType();
    if (type != null) {
      tensors.setDtype(WireValues.type(type));
    }
    List<Integer> shape = domain.shape();
    if (shape != null) {
      tensors.setShape(TensorShape.newBuilder().addAllExtents(shape));
    }
    return tensors.build();
  }

  /**
   * Reads a definition.
   *
   * @throws io.trimtab.variable.InvalidDefinitionException if it contradicts itself
   * @throws IllegalArgumentException if its type is none this version knows
   */
  static Variable<?> variable(VariableDefinition message) {
    VariableType type = type(message);
    Domain<?> domain = Domain.of(type, constraints(message));
    return variable(message, domain);
  }

  private static <T> Variable<T> variable(VariableDefinition message, Domain<T> domain) {
    Object value = WireValues.canonical(message.getName(), message.getDefaultValue());
    Variable<T> variable = Variable.of(message.getName(), domain, value);
    if (!message.getDescription().isEmpty()) {
      variable = variable.describedAs(message.getDescription());
    }
    for (Map.Entry<String, String> entry : message.getMetadataMap().entrySet()) {
      variable = variable.withMetadata(entry.getKey(), entry.getValue());
    }
    return variable;
  }

  private static VariableType type(VariableDefinition message) {
    for (VariableType type : VariableType.values()) {
      if (type.name().equals(message.getType().name())) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "%s: expected a type of variable that this version knows, got %d"
            .formatted(message.getName(), message.getTypeValue()));
  }

  private static Map<String, Object> constraints(VariableDefinition message) {
    Map<String, Object> constraints = new LinkedHashMap<>();
    switch (message.getConstraintsCase()) {
      case FLOAT -> floats(message.getFloat(), constraints);
      case INTEGER -> integers(message.getInteger(), constraints);
      case TEXT -> texts(message.getText(), constraints);
      case CHOICE -> choices(message.getChoice(), constraints);
      case MODULE -> putUnlessEmpty("allowed", message.getModule().getAllowedList(), constraints);
      case EMBEDDING -> embeddings(message.getEmbedding(), constraints);
      case TENSOR -> tensors(message.getTensor(), constraints);
      case CONSTRAINTS_NOT_SET -> {}
    }
    return constraints;
  }

  private static void floats(FloatConstraints message, Map<String, Object> constraints) {
    if (message.hasMin()) {
      constraints.put("min", message.getMin());
    }
    if (message.hasMax()) {
      constraints.put("max", message.getMax());
    }
    if (message.hasStep()) {
      constraints.put("step", message.getStep());
    }
    scale(message.getScale(), constraints);
    if (message.getAllowNonFinite()) {
      constraints.put("allow_non_finite", true);
    }
  }

  private static void integers(IntegerConstraints message, Map<String, Object> constraints) {
    if (message.hasMin()) {
      constraints.put("min", message.getMin());
    }
    if (message.hasMax()) {
      constraints.put("max", message.getMax());
    }
    if (message.hasStep()) {
      constraints.put("step", message.getStep());
    }
    scale(message.getScale(), constraints);
  }

  private static void scale(io.trimtab.bridge.wire.Scale scale, Map<String, Object> constraints) {
    if (scale == io.trimtab.bridge.wire.Scale.LOG) {
      constraints.put("scale", "LOG");
    }
  }

  private static void texts(StringConstraints message, Map<String, Object> constraints) {
    if (message.hasMinLength()) {
      constraints.put("min_length", (long) message.getMinLength());
    }
    if (message.hasMaxLength()) {
      constraints.put("max_length", (long) message.getMaxLength());
    }
    if (message.hasPattern()) {
      constraints.put("pattern", message.getPattern());
    }
    putUnlessEmpty("allowed", message.getAllowedList(), constraints);
  }

  private static void choices(ChoiceConstraints message, Map<String, Object> constraints) {
    constraints.put("options", List.copyOf(message.getOptionsList()));
    putUnlessEmpty("weights", message.getWeightsList(), constraints);
    if (message.getOrdinal()) {
      constraints.put("ordinal", true);
    }
  }

  private static void embeddings(EmbeddingConstraints message, Map<String, Object> constraints) {
    if (message.getDimensions() != 0) {
      constraints.put("dimensions", (long) message.getDimensions());
    }
    if (message.getNormalized()) {
      constraints.put("normalized", true);
    }
  }

  private static void tensors(TensorConstraints message, Map<String, Object> constraints) {
    if (message.hasShape()) {
      constraints.put(
          "shape", message.getShape().getExtentsList().stream().map(Integer::longValue).toList());
    }
    ElementType type = WireValues.type(message.getDtype());
    if (type != null) {
      constraints.put("dtype", type.name());
    }
  }

  private static void putUnlessEmpty(String key, List<?> values, Map<String, Object> constraints) {
    if (!values.isEmpty()) {
      constraints.put(key, List.copyOf(values));
    }
  }
}
