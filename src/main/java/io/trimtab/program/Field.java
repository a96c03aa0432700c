package io.trimtab.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One input or output of a {@link Signature}: its name, its type, what it means, and the rules its
 * value keeps.
 *
 * <p>Immutable; the {@code with} methods return changed copies.
 */
public final class Field {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final String name;
  private final FieldType type;
  private final String description;
  private final List<Constraint> constraints;
  private final boolean hasDefault;
  private final @Nullable Object defaultValue;

  private Field(
      String name,
      FieldType type,
      String description,
      List<Constraint> constraints,
      boolean hasDefault,
      @Nullable Object defaultValue) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a field's name starts with a letter or _ and goes on with letters, digits and _, got \""
              + name
              + "\"");
    }
    this.name = name;
    this.type = type;
    this.description = description;
    this.constraints = List.copyOf(constraints);
    this.hasDefault = hasDefault;
    this.defaultValue = defaultValue;
  }

  /**
   * Creates a field without description, rules and default.
   *
   * @param name letters, digits and {@code _}, not starting with a digit
   * @param type what it holds
   * @return the field
   * @throws IllegalArgumentException if the name is malformed
   */
  public static Field of(String name, FieldType type) {
    return new Field(name, type, "", List.of(), /* hasDefault= */ false, null);
  }

  /**
   * Creates a field whose type is written as in Python.
   *
   * @param name letters, digits and {@code _}, not starting with a digit
   * @param type such as {@code list[str]} or {@code Optional[int]}
   * @return the field
   * @throws SignatureException if the type cannot be read
   */
  public static Field of(String name, String type) {
    return of(name, SignatureParser.type(type));
  }

  /**
   * Returns a field that differs in its description.
   *
   * @param description what the value means; shown to the model
   * @return a new field
   */
  public Field describedAs(String description) {
    return new Field(name, type, description, constraints, hasDefault, defaultValue);
  }

  /**
   * Returns a field with one more rule.
   *
   * @param kind which rule
   * @param bound what it compares with
   * @return a new field
   */
  public Field with(Constraint.Kind kind, double bound) {
    List<Constraint> more = new ArrayList<>(constraints);
    more.add(new Constraint(kind, bound));
    return new Field(name, type, description, more, hasDefault, defaultValue);
  }

  /**
   * Returns a field that takes a value when the model gives none.
   *
   * @param value a value of the field's type, or null
   * @return a new field
   * @throws IllegalArgumentException if the value is of another type
   */
  public Field withDefault(@Nullable Object value) {
    return new Field(
        name, type, description, constraints, /* hasDefault= */ true, conform(value, "default"));
  }

  /**
   * Returns the name.
   *
   * @return letters, digits and {@code _}
   */
  public String name() {
    return name;
  }

  /**
   * Returns what the field holds.
   *
   * @return the type
   */
  public FieldType type() {
    return type;
  }

  /**
   * Returns what the value means.
   *
   * @return a text, empty if nobody described it
   */
  public String description() {
    return description;
  }

  /**
   * Returns the rules the value keeps.
   *
   * @return the rules in the order they were given
   */
  public List<Constraint> constraints() {
    return constraints;
  }

  /**
   * Tells whether the field may be absent: it has a default, or null is a value of its type.
   *
   * @return whether an answer without it is complete
   */
  public boolean optional() {
    return hasDefault || type.nullable();
  }

  /**
   * Tells whether a default was given.
   *
   * @return whether {@link #defaultValue()} was set, to null possibly
   */
  public boolean hasDefault() {
    return hasDefault;
  }

  /**
   * Returns what stands in for an absent value.
   *
   * @return the default; null if there is none
   */
  public @Nullable Object defaultValue() {
    return defaultValue;
  }

  /** Returns the name as a title: {@code full_name} is "Full Name". */
  String title() {
    return Arrays.stream(name.split("_", -1))
        .filter(word -> !word.isEmpty())
        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
        .collect(Collectors.joining(" "));
  }

  /** Reads a model's text as this field's value and checks the rules. */
  @Nullable Object read(String raw) {
    return checked(ValueReader.read(type, raw));
  }

  /** Turns a parsed value into this field's type and checks the rules. */
  @Nullable Object coerce(@Nullable Object value) {
    return checked(ValueReader.coerce(type, value));
  }

  private @Nullable Object conform(@Nullable Object value, String what) {
    try {
      return coerce(PlainValue.of(value));
    } catch (ValueReader.Mismatch e) {
      throw new IllegalArgumentException(what + " of " + name + ": " + e.getMessage(), e);
    }
  }

  private @Nullable Object checked(@Nullable Object value) {
    for (Constraint constraint : constraints) {
      if (!constraint.accepts(value)) {
        throw new ValueReader.Mismatch(constraint.words(), value);
      }
    }
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Field that
        && name.equals(that.name)
        && type.equals(that.type)
        && description.equals(that.description)
        && constraints.equals(that.constraints)
        && hasDefault == that.hasDefault
        && Objects.equals(defaultValue, that.defaultValue);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type, description);
  }

  @Override
  public String toString() {
    return name + ": " + type.python();
  }
}
