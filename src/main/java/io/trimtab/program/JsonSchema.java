package io.trimtab.program;

import io.trimtab.program.FieldType.DictOf;
import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.ListOf;
import io.trimtab.program.FieldType.Literal;
import io.trimtab.program.FieldType.Simple;
import io.trimtab.program.FieldType.Structure;
import io.trimtab.program.FieldType.Union;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Describes field types as JSON schema, in the words Pydantic uses. */
final class JsonSchema {

  private final Map<String, Object> definitions = new TreeMap<>();
  private final boolean strict;

  private JsonSchema(boolean strict) {
    this.strict = strict;
  }

  /** Returns the schema of one type for a prompt: keys sorted, "type" first, at every level. */
  static Map<String, @Nullable Object> of(FieldType type) {
    JsonSchema schema = new JsonSchema(/* strict= */ false);
    Map<String, Object> tree =
        type instanceof Structure structure ? schema.object(structure) : schema.tree(type);
    if (type instanceof Enumeration constants) {
      tree = schema.enumeration(constants);
    }
    if (!schema.definitions.isEmpty()) {
      tree.put("$defs", schema.definitions);
    }
    return sorted(tree);
  }

  /**
   * Returns the strict schema of a signature's outputs, or null if a strict schema cannot say it.
   */
  static @Nullable Map<String, Object> ofOutputs(List<Field> outputs) {
    if (outputs.stream().anyMatch(field -> openEnded(field.type()))) {
      return null;
    }
    JsonSchema schema = new JsonSchema(/* strict= */ true);
    Map<String, Object> tree = schema.object(new Structure("outputs", outputs));
    if (!schema.definitions.isEmpty()) {
      tree.put("$defs", schema.definitions);
    }
    return tree;
  }

  private static boolean openEnded(FieldType type) {
    if (type instanceof ListOf list) {
      return openEnded(list.element());
    }
    if (type instanceof Union union) {
      return union.members().stream().anyMatch(JsonSchema::openEnded);
    }
    if (type instanceof Structure structure) {
      return structure.fields().stream().anyMatch(field -> openEnded(field.type()));
    }
    return type instanceof DictOf
        || type == Simple.DICT
        || type == Simple.LIST
        || type == Simple.ANY;
  }

  private Map<String, @Nullable Object> tree(FieldType type) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    if (type instanceof Simple simple) {
      simple(tree, simple);
    } else if (type instanceof ListOf list) {
      tree.put("type", "array");
      tree.put("items", tree(list.element()));
    } else if (type instanceof DictOf dict) {
      tree.put("type", "object");
      tree.put("additionalProperties", dict.value() == Simple.ANY ? true : tree(dict.value()));
    } else if (type instanceof Literal literal) {
      literal(tree, literal);
    } else if (type instanceof Union union) {
      tree.put("anyOf", union.members().stream().map(this::tree).toList());
    } else {
      tree.put("$ref", "#/$defs/" + define(type));
    }
    return tree;
  }

  private String define(FieldType type) {
    String name = type.python();
    if (!definitions.containsKey(name)) {
      definitions.put(name, Map.of());
      definitions.put(
          name,
          type instanceof Structure structure
              ? object(structure)
              : enumeration((Enumeration) type));
    }
    return name;
  }

  private static void simple(Map<String, Object> tree, Simple type) {
    switch (type) {
      case STR -> tree.put("type", "string");
      case INT -> tree.put("type", "integer");
      case FLOAT -> tree.put("type", "number");
      case BOOL -> tree.put("type", "boolean");
      case NONE -> tree.put("type", "null");
      case ANY -> {}
      case LIST -> {
        tree.put("type", "array");
        tree.put("items", Map.of());
      }
      case DICT -> {
        tree.put("type", "object");
        tree.put("additionalProperties", true);
      }
    }
  }

  private static void literal(Map<String, Object> tree, Literal type) {
    if (type.options().size() == 1) {
      tree.put("const", type.options().get(0));
    } else {
      tree.put("enum", type.options());
    }
    if (type.options().stream().allMatch(String.class::isInstance)) {
      tree.put("type", "string");
    } else if (type.options().stream().allMatch(Long.class::isInstance)) {
      tree.put("type", "integer");
    }
  }

  private Map<String, Object> enumeration(Enumeration type) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("type", "string");
    tree.put("enum", List.copyOf(type.constants().values()));
    tree.put("title", type.name());
    return tree;
  }

  private Map<String, Object> object(Structure type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    type.fields().forEach(field -> properties.put(field.name(), property(field)));
    List<String> required = new ArrayList<>();
    for (Field field : type.fields()) {
      // A strict schema lists every property; one that may be absent is answered with null.
      if (strict || !field.hasDefault()) {
        required.add(field.name());
      }
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("type", "object");
    tree.put("properties", properties);
    tree.put("required", required);
    if (strict) {
      tree.put("additionalProperties", false);
    } else {
      tree.put("title", type.name());
    }
    return tree;
  }

  private Map<String, @Nullable Object> property(Field field) {
    Map<String, @Nullable Object> tree = tree(field.type());
    boolean reference = tree.containsKey("$ref");
    // Servers that take strict schemas refuse anything beside a reference.
    if (!field.description().isEmpty() && !(strict && reference)) {
      tree.put("description", field.description());
    }
    if (!strict) {
      if (field.hasDefault()) {
        tree.put("default", field.defaultValue());
      }
      for (Constraint constraint : field.constraints()) {
        tree.put(keyword(constraint, field), bound(constraint));
      }
      if (!reference) {
        tree.put("title", field.title());
      }
    }
    return tree;
  }

  private static Object bound(Constraint constraint) {
    double bound = constraint.bound();
    return bound == Math.rint(bound) ? (Object) (long) bound : (Object) bound;
  }

  private static String keyword(Constraint constraint, Field field) {
    boolean items = !(field.type() == Simple.STR);
    return switch (constraint.kind()) {
      case GT -> "exclusiveMinimum";
      case GE -> "minimum";
      case LT -> "exclusiveMaximum";
      case LE -> "maximum";
      case MIN_LENGTH -> items ? "minItems" : "minLength";
      case MAX_LENGTH -> items ? "maxItems" : "maxLength";
      case MULTIPLE_OF -> "multipleOf";
    };
  }

  private static Map<String, @Nullable Object> sorted(Map<?, ?> tree) {
    Map<String, @Nullable Object> sorted = new LinkedHashMap<>();
    Object type = tree.get("type");
    if (type != null) {
      sorted.put("type", sortedValue(type));
    }
    new TreeMap<>(tree)
        .forEach((key, value) -> sorted.putIfAbsent((String) key, sortedValue(value)));
    return sorted;
  }

  private static @Nullable Object sortedValue(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return sorted(map);
    }
    return value instanceof List<?> list
        ? list.stream().map(JsonSchema::sortedValue).toList()
        : value;
  }
}
