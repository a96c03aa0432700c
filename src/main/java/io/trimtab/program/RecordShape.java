package io.trimtab.program;

import io.trimtab.program.Constraint.Kind;
import io.trimtab.program.FieldType.DictOf;
import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.ListOf;
import io.trimtab.program.FieldType.Literal;
import io.trimtab.program.FieldType.Simple;
import io.trimtab.program.FieldType.Structure;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bridge between Java records and fields: reads a record class's shape, builds its values. */
final class RecordShape {

  private RecordShape() {}

  static List<Field> fields(Class<? extends Record> type) {
    return fields(type, List.of());
  }

  private static List<Field> fields(Class<?> type, List<Class<?>> enclosing) {
    if (enclosing.contains(type)) {
      throw new IllegalArgumentException(
          "the record %s contains itself (%s): a field's type must be finite"
              .formatted(type.getSimpleName(), enclosing));
    }
    List<Class<?>> path = new ArrayList<>(enclosing);
    path.add(type);
    List<Field> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      fields.add(field(component, path));
    }
    return fields;
  }

  private static Field field(RecordComponent component, List<Class<?>> path) {
    FieldType type = type(component.getGenericType(), component, path);
    OneOf oneOf = component.getAnnotation(OneOf.class);
    if (oneOf != null) {
      if (type != Simple.STR) {
        throw unsupported(component, "@OneOf belongs on a String");
      }
      type = new Literal(List.of((Object[]) oneOf.value()));
    }
    if (nullable(component)) {
      type = type.orNull();
    }
    return ruled(Field.of(component.getName(), type), component);
  }

  private static Field ruled(Field field, RecordComponent component) {
    Field ruled = field;
    Description description = component.getAnnotation(Description.class);
    if (description != null) {
      ruled = ruled.describedAs(description.value());
    }
    Range range = component.getAnnotation(Range.class);
    if (range != null) {
      ruled = bounded(ruled, Kind.GT, range.gt());
      ruled = bounded(ruled, Kind.GE, range.ge());
      ruled = bounded(ruled, Kind.LT, range.lt());
      ruled = bounded(ruled, Kind.LE, range.le());
      ruled = bounded(ruled, Kind.MULTIPLE_OF, range.multipleOf());
    }
    Length length = component.getAnnotation(Length.class);
    if (length != null) {
      ruled = bounded(ruled, Kind.MIN_LENGTH, length.min() < 0 ? Double.NaN : length.min());
      ruled = bounded(ruled, Kind.MAX_LENGTH, length.max() < 0 ? Double.NaN : length.max());
    }
    return ruled;
  }

  private static Field bounded(Field field, Kind kind, double bound) {
    return Double.isNaN(bound) ? field : field.with(kind, bound);
  }

  private static boolean nullable(RecordComponent component) {
    // Any annotation of that name counts: JSpecify's, Jakarta's, a project's own.
    for (Annotation annotation : component.getAnnotatedType().getAnnotations()) {
      if (annotation.annotationType().getSimpleName().equals("Nullable")) {
        return true;
      }
    }
    for (Annotation annotation : component.getAnnotations()) {
      if (annotation.annotationType().getSimpleName().equals("Nullable")) {
        return true;
      }
    }
    return false;
  }

  private static FieldType type(Type type, RecordComponent component, List<Class<?>> path) {
    if (type instanceof Class<?> plain) {
      return plain(plain, component, path);
    }
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return new ListOf(type(arguments[0], component, path));
      }
      if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return new DictOf(type(arguments[1], component, path));
      }
      if (generic.getRawType() == Optional.class) {
        return type(arguments[0], component, path).orNull();
      }
    }
    throw unsupported(component, "a field cannot be a " + type.getTypeName());
  }

  private static FieldType plain(Class<?> type, RecordComponent component, List<Class<?>> path) {
    if (type == String.class) {
      return Simple.STR;
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return Simple.INT;
    }
    if (type == double.class || type == Double.class) {
      return Simple.FLOAT;
    }
    if (type == boolean.class || type == Boolean.class) {
      return Simple.BOOL;
    }
    if (type == Object.class) {
      return Simple.ANY;
    }
    if (type.isEnum()) {
      Map<String, String> constants = new LinkedHashMap<>();
      for (Object constant : type.getEnumConstants()) {
        constants.put(((Enum<?>) constant).name(), constant.toString());
      }
      return new Enumeration(type.getSimpleName(), constants);
    }
    if (type.isRecord()) {
      return new Structure(type.getSimpleName(), fields(type, path));
    }
    throw unsupported(component, "a field cannot be a " + type.getName());
  }

  private static IllegalArgumentException unsupported(RecordComponent component, String problem) {
    return new IllegalArgumentException(
        "%s.%s: %s; expected String, int, long, double, boolean, Object, an enum, a record, or a"
                .formatted(
                    component.getDeclaringRecord().getSimpleName(), component.getName(), problem)
            + " List, Map<String, ..> or Optional of those");
  }

  static @Nullable Object read(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true); // the record may be private to its program
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException("cannot read " + component, e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException("reading " + component + " failed", e.getCause());
    }
  }

  static <R extends Record> R build(Class<R> type, Map<String, ?> values) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      if (!values.containsKey(name) && !Optional.class.equals(types[i])) {
        throw new IllegalArgumentException(
            "%s needs a value for %s, got only %s"
                .formatted(type.getSimpleName(), name, values.keySet()));
      }
      arguments[i] = java(components[i].getGenericType(), values.get(name), name);
    }
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true); // the record may be private to its program
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          type.getSimpleName() + " refuses " + values + ": " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("cannot create a " + type.getName(), e);
    }
  }

  private static @Nullable Object java(Type type, @Nullable Object value, String name) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        return Optional.ofNullable(java(arguments[0], value, name));
      }
      if (generic.getRawType() == List.class && value instanceof List<?> list) {
        List<@Nullable Object> items = new ArrayList<>();
        list.forEach(item -> items.add(java(arguments[0], item, name)));
        return Collections.unmodifiableList(items);
      }
      if (generic.getRawType() == Map.class && value instanceof Map<?, ?> map) {
        Map<Object, @Nullable Object> entries = new LinkedHashMap<>();
        map.forEach((key, item) -> entries.put(key, java(arguments[1], item, name)));
        return Collections.unmodifiableMap(entries);
      }
      if (value == null) {
        return null;
      }
      throw mismatch(type, value, name);
    }
    return javaPlain((Class<?>) type, value, name);
  }

  private static @Nullable Object javaPlain(Class<?> type, @Nullable Object value, String name) {
    if (value == null && !type.isPrimitive()) {
      return null;
    }
    if (type.isInstance(value)) {
      return value;
    }
    if (value instanceof Number number && (type == double.class || type == Double.class)) {
      return number.doubleValue();
    }
    if (value instanceof Long number && (type == long.class || type == Long.class)) {
      return number;
    }
    if (value instanceof Long number && (type == int.class || type == Integer.class)) {
      return Math.toIntExact(number);
    }
    if (value instanceof Boolean && type == boolean.class) {
      return value;
    }
    if (value instanceof String text && type.isEnum()) {
      return constant(type, text, name);
    }
    if (value instanceof Map<?, ?> map && type.isRecord()) {
      Map<String, @Nullable Object> members = new LinkedHashMap<>();
      map.forEach((key, item) -> members.put(String.valueOf(key), item));
      return build(type.asSubclass(Record.class), members);
    }
    throw mismatch(type, value, name);
  }

  private static Object constant(Class<?> type, String text, String name) {
    Object found = null;
    for (Object constant : type.getEnumConstants()) {
      boolean byName = ((Enum<?>) constant).name().equals(text) && found == null;
      if (constant.toString().equals(text) || byName) {
        found = constant;
      }
    }
    if (found == null) {
      throw mismatch(type, text, name);
    }
    return found;
  }

  private static IllegalArgumentException mismatch(Type type, @Nullable Object value, String name) {
    return new IllegalArgumentException(
        "%s: expected a %s, got %s".formatted(name, type.getTypeName(), value));
  }
}
