package io.trimtab.program;

import io.trimtab.lm.ToolSpec;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Java function that a language model may call, with arguments checked before it runs.
 *
 * <pre>{@code
 * record Query(@Description("what to look for") String text, @Range(ge = 1, le = 10) int limit) {}
 * Tool search = Tool.of("search", "Searches the handbook.", Query.class, q -> handbook.find(q.text(), q.limit()));
 * }</pre>
 *
 * <p>The record's components are the arguments: their types, {@link Description}, {@link Range},
 * {@link Length} and {@link OneOf} become the JSON schema the model is shown and the rules its
 * arguments are held against. What a model writes is data: arguments that are missing, unknown,
 * mistyped or out of range never reach the function.
 *
 * <p>Immutable; safe for use by many threads at once if its function is.
 */
public final class Tool {

  private final ToolSpec spec;
  private final List<Field> fields;
  private final Function<Map<String, @Nullable Object>, @Nullable Object> body;

  private Tool(
      ToolSpec spec,
      List<Field> fields,
      Function<Map<String, @Nullable Object>, @Nullable Object> body) {
    this.spec = spec;
    this.fields = List.copyOf(fields);
    this.body = body;
  }

  /**
   * Makes a tool of a function.
   *
   * @param name 1 to 64 letters, digits, {@code _} and {@code -}
   * @param description what it does and when to use it, for the model
   * @param arguments the record of its arguments; a component without annotation is required, one
   *     that is {@code Optional} or {@code @Nullable} may be left out
   * @param function what it does; its result may be whatever a field of a program may be
   * @param <A> the type of the arguments
   * @return the tool
   * @throws IllegalArgumentException if the name is malformed or a component's type is no field
   *     type
   */
  public static <A extends Record> Tool of(
      String name, String description, Class<A> arguments, Function<A, ?> function) {
    List<Field> fields =
        RecordShape.fields(arguments).stream()
            .map(field -> field.optional() ? field.withDefault(null) : field)
            .toList();
    ToolSpec spec =
        new ToolSpec(name, description, JsonSchema.of(new FieldType.Structure(name, fields)));
    return new Tool(spec, fields, values -> function.apply(FieldValues.of(values).as(arguments)));
  }

  /**
   * Returns what a model is told of the tool.
   *
   * @return its name, description and the JSON schema of its arguments
   */
  public ToolSpec spec() {
    return spec;
  }

  /**
   * Returns the tool's name.
   *
   * @return the name of its {@link #spec}
   */
  public String name() {
    return spec.name();
  }

  /**
   * Checks arguments and runs the function on the calling thread.
   *
   * @param arguments by name, as a model or another language gave them
   * @return the result as a plain value: text, number, boolean, list, map or null
   * @throws InvalidValueException if arguments are missing, unknown, mistyped or break a rule, with
   *     every violation; the function has not run then
   * @throws RuntimeException whatever the function throws
   */
  public @Nullable Object call(Map<String, ? extends @Nullable Object> arguments) {
    return PlainValue.of(body.apply(checked(arguments)));
  }

  private Map<String, @Nullable Object> checked(Map<String, ? extends @Nullable Object> arguments) {
    List<Violation> violations = new ArrayList<>();
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (Field field : fields) {
      if (arguments.containsKey(field.name())) {
        coerce(field, arguments.get(field.name()), values, violations);
      } else if (field.hasDefault()) {
        values.put(field.name(), field.defaultValue());
      } else {
        violations.add(Violation.missing(subject(field.name()), field.type().python()));
      }
    }
    Set<String> known = fields.stream().map(Field::name).collect(Collectors.toSet());
    arguments.keySet().stream()
        .filter(name -> !known.contains(name))
        .forEach(
            name ->
                violations.add(
                    Violation.of(subject(name), "one of " + new TreeSet<>(known), name)));
    if (!violations.isEmpty()) {
      throw new InvalidValueException(violations);
    }
    return values;
  }

  private void coerce(
      Field field,
      @Nullable Object raw,
      Map<String, @Nullable Object> values,
      List<Violation> violations) {
    try {
      values.put(field.name(), field.coerce(PlainValue.of(raw)));
    } catch (ValueReader.Mismatch e) {
      violations.add(Violation.of(subject(field.name()), e.expected(), raw));
    }
  }

  private String subject(String argument) {
    return spec.name() + "." + argument;
  }

  @Override
  public String toString() {
    return spec.name()
        + fields.stream().map(Field::toString).collect(Collectors.joining(", ", "(", ")"));
  }
}
