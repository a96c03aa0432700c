package io.trimtab.program;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What kind of value a signature's field holds; written as Python writes it, because that is what
 * language models were shown.
 *
 * <p>A closed family of immutable values. In Java the values are {@link String}, {@link Long},
 * {@link Double}, {@link Boolean}, {@link List}, {@link Map} with string keys, and null; an
 * enumeration's constant is its text and a structure is a map.
 */
public sealed interface FieldType {

  /**
   * Returns the type as Python spells it.
   *
   * @return such as {@code list[str]} or {@code Literal['yes', 'no']}
   */
  String python();

  /**
   * Tells whether null is a value of this type.
   *
   * @return whether a field of this type may be left out
   */
  default boolean nullable() {
    return this == Simple.NONE || this == Simple.ANY;
  }

  /**
   * Returns this type or null.
   *
   * @return a union with {@link Simple#NONE}; this type if it is nullable already
   */
  default FieldType orNull() {
    return nullable() ? this : new Union(List.of(this, Simple.NONE));
  }

  /** The types that take no arguments. */
  enum Simple implements FieldType {
    /** Text. */
    STR("str"),
    /** An integer of 64 bits. */
    INT("int"),
    /** A double. */
    FLOAT("float"),
    /** True or false. */
    BOOL("bool"),
    /** Only null. */
    NONE("NoneType"),
    /** Any JSON value. */
    ANY("Any"),
    /** A list of any JSON values. */
    LIST("list"),
    /** A map from text to any JSON values. */
    DICT("dict");

    private final String python;

    Simple(String python) {
      this.python = python;
    }

    @Override
    public String python() {
      return python;
    }
  }

  /**
   * A list whose elements share one type.
   *
   * @param element the type of every element
   */
  record ListOf(FieldType element) implements FieldType {
    @Override
    public String python() {
      return "list[" + element.python() + "]";
    }
  }

  /**
   * A map from text to values of one type.
   *
   * @param value the type of every value
   */
  record DictOf(FieldType value) implements FieldType {
    @Override
    public String python() {
      return "dict[str, " + value.python() + "]";
    }
  }

  /**
   * One of a few named values.
   *
   * @param options distinct texts, {@link Long}s and {@link Boolean}s, at least one
   */
  record Literal(List<Object> options) implements FieldType {

    /**
     * Rejects an empty list, duplicates, and values no literal can have.
     *
     * @param options as documented above
     */
    public Literal {
      options = options.stream().map(Literal::canonical).toList();
      if (options.isEmpty() || Set.copyOf(options).size() < options.size()) {
        throw new IllegalArgumentException(
            "a Literal needs at least one option and no duplicates, got " + options);
      }
    }

    private static Object canonical(Object option) {
      if (option instanceof Integer number) {
        return number.longValue();
      }
      if (option instanceof String || option instanceof Long || option instanceof Boolean) {
        return option;
      }
      throw new IllegalArgumentException(
          "a Literal's option is a text, an integer or a boolean, got " + option);
    }

    @Override
    public String python() {
      return options.stream()
          .map(PythonText::literal)
          .collect(Collectors.joining(", ", "Literal[", "]"));
    }
  }

  /**
   * The constants of an enumeration. A value is a constant's text; a model may also answer its
   * name.
   *
   * @param name what the enumeration is called
   * @param constants the text of each constant by its name, in order, at least one
   */
  record Enumeration(String name, Map<String, String> constants) implements FieldType {

    /**
     * Rejects an enumeration without constants.
     *
     * @param name as documented above
     * @param constants as documented above
     */
    public Enumeration {
      if (constants.isEmpty()) {
        throw new IllegalArgumentException("the enumeration " + name + " has no constants");
      }
      constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    }

    /**
     * Reads the constants of a Java enumeration; a constant's text is its {@code toString()}.
     *
     * @param type the enumeration
     * @return its field type
     */
    public static Enumeration of(Class<? extends Enum<?>> type) {
      Map<String, String> constants = new LinkedHashMap<>();
      for (Enum<?> constant : type.getEnumConstants()) {
        constants.put(constant.name(), constant.toString());
      }
      return new Enumeration(type.getSimpleName(), constants);
    }

    @Override
    public String python() {
      return name;
    }
  }

  /**
   * A value of one of several types.
   *
   * @param members the types, at least two, tried in order
   */
  record Union(List<FieldType> members) implements FieldType {

    /**
     * Flattens nested unions, drops repeated members and rejects fewer than two.
     *
     * @param members as documented above
     */
    public Union {
      Set<FieldType> flat = new LinkedHashSet<>();
      for (FieldType member : members) {
        flat.addAll(member instanceof Union union ? union.members : List.of(member));
      }
      members = List.copyOf(flat);
      if (members.size() < 2) {
        throw new IllegalArgumentException(
            "a Union needs at least two different types, got " + members);
      }
    }

    @Override
    public boolean nullable() {
      return members.stream().anyMatch(FieldType::nullable);
    }

    @Override
    public String python() {
      return members.stream()
          .map(FieldType::python)
          .collect(Collectors.joining(", ", "Union[", "]"));
    }
  }

  /**
   * A record of named values.
   *
   * @param name what the structure is called
   * @param fields its members in order, names distinct
   */
  record Structure(String name, List<Field> fields) implements FieldType {

    /**
     * Rejects two members of one name.
     *
     * @param name as documented above
     * @param fields as documented above
     */
    public Structure {
      fields = List.copyOf(fields);
      if (fields.stream().map(Field::name).distinct().count() < fields.size()) {
        throw new IllegalArgumentException(
            "the members of " + name + " have names twice: " + fields);
      }
    }

    @Override
    public String python() {
      return name;
    }
  }
}
