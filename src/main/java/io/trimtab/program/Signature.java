package io.trimtab.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a language model is asked for: named and typed inputs, named and typed outputs, and
 * instructions.
 *
 * <pre>{@code
 * Signature.parse("question, context: list[str] -> answer: str, confidence: float");
 * Signature.of(Ticket.class, Triage.class);   // two records
 * }</pre>
 *
 * <p>Immutable: every operation returns a new signature. Names are distinct over inputs and
 * outputs.
 */
public final class Signature {

  private final List<Field> inputs;
  private final List<Field> outputs;
  private final String instructions;

  private Signature(List<Field> inputs, List<Field> outputs, @Nullable String instructions) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.instructions =
        instructions == null || instructions.isEmpty() ? defaultInstructions() : instructions;
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException("a signature needs at least one output");
    }
    Set<String> seen = new HashSet<>();
    Set<String> twice = new LinkedHashSet<>();
    fields().map(Field::name).filter(name -> !seen.add(name)).forEach(twice::add);
    if (!twice.isEmpty()) {
      throw new IllegalArgumentException("fields appear twice: " + twice);
    }
  }

  /**
   * Reads a signature such as {@code "question, context: list[str] -> answer"}; a field without a
   * type is text.
   *
   * @param text inputs, one {@code ->}, outputs; types as Python writes them
   * @return the signature with {@linkplain #instructions() default instructions}
   * @throws SignatureException if the text cannot be read, with the position
   */
  public static Signature parse(String text) {
    return parse(text, Map.of());
  }

  /**
   * Reads a signature that uses types of its own.
   *
   * @param text inputs, one {@code ->}, outputs
   * @param types more type names, such as {@code Map.of("Color", Enumeration.of(Color.class))}
   * @return the signature with default instructions
   * @throws SignatureException if the text cannot be read, with the position
   */
  public static Signature parse(String text, Map<String, FieldType> types) {
    SignatureParser.Fields fields = SignatureParser.signature(text, types);
    return new Signature(fields.inputs(), fields.outputs(), null);
  }

  /**
   * Reads a signature off two record classes. {@link Description} on a component describes the
   * field, on the class of the outputs it gives the instructions; {@link Range}, {@link Length} and
   * {@link OneOf} give rules; {@code Optional} and {@code @Nullable} components may be absent.
   *
   * @param inputs the record of the inputs
   * @param outputs the record of the outputs
   * @return the signature
   * @throws IllegalArgumentException if a component's type has no field type, naming it
   */
  public static Signature of(Class<? extends Record> inputs, Class<? extends Record> outputs) {
    Description description = outputs.getAnnotation(Description.class);
    return new Signature(
        RecordShape.fields(inputs),
        RecordShape.fields(outputs),
        description == null ? null : description.value());
  }

  /**
   * Starts a signature field by field.
   *
   * @return a builder without fields
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the inputs.
   *
   * @return the fields in order
   */
  public List<Field> inputs() {
    return inputs;
  }

  /**
   * Returns the outputs.
   *
   * @return the fields in order, at least one
   */
  public List<Field> outputs() {
    return outputs;
  }

  /**
   * Returns what the model is told to do.
   *
   * @return the text given, else {@code Given the fields `a`, produce the fields `b`.} over the
   *     fields the signature was first created with
   */
  public String instructions() {
    return instructions;
  }

  private String defaultInstructions() {
    return "Given the fields %s, produce the fields %s.".formatted(quoted(inputs), quoted(outputs));
  }

  private static String quoted(List<Field> fields) {
    return fields.stream().map(f -> "`" + f.name() + "`").collect(Collectors.joining(", "));
  }

  /**
   * Returns a field by its name.
   *
   * @param name the name of an input or output
   * @return the field, if there is one
   */
  public Optional<Field> field(String name) {
    return fields().filter(field -> field.name().equals(name)).findFirst();
  }

  /**
   * Returns the names of the inputs.
   *
   * @return an unmodifiable set in order
   */
  public Set<String> inputNames() {
    return names(inputs);
  }

  /**
   * Returns the names of the outputs.
   *
   * @return an unmodifiable set in order
   */
  public Set<String> outputNames() {
    return names(outputs);
  }

  private static Set<String> names(List<Field> fields) {
    Set<String> names = new LinkedHashSet<>();
    fields.forEach(field -> names.add(field.name()));
    return Collections.unmodifiableSet(names);
  }

  Stream<Field> fields() {
    return Stream.concat(inputs.stream(), outputs.stream());
  }

  /**
   * Returns a signature that differs in its instructions.
   *
   * @param instructions what the model is told to do; empty for the default ones
   * @return a new signature
   */
  public Signature withInstructions(String instructions) {
    return new Signature(inputs, outputs, instructions);
  }

  /**
   * Returns a signature in which a field is replaced by one of the same name.
   *
   * @param field the new field
   * @return a new signature
   * @throws IllegalArgumentException if there is no field of that name
   */
  public Signature withField(Field field) {
    return new Signature(replaced(inputs, field), replaced(outputs, field), known(field.name()));
  }

  private String known(String name) {
    if (field(name).isEmpty()) {
      throw new IllegalArgumentException(
          "no field %s, only %s".formatted(name, fields().map(Field::name).toList()));
    }
    return instructions;
  }

  private static List<Field> replaced(List<Field> fields, Field field) {
    return fields.stream().map(old -> old.name().equals(field.name()) ? field : old).toList();
  }

  /**
   * Returns a signature with one more input, before the others.
   *
   * @param field the new input
   * @return a new signature
   */
  public Signature prependInput(Field field) {
    return insertInput(0, field);
  }

  /**
   * Returns a signature with one more input, after the others.
   *
   * @param field the new input
   * @return a new signature
   */
  public Signature appendInput(Field field) {
    return insertInput(inputs.size(), field);
  }

  /**
   * Returns a signature with one more input.
   *
   * @param index where, in {@code [0, inputs().size()]}
   * @param field the new input
   * @return a new signature
   */
  public Signature insertInput(int index, Field field) {
    return new Signature(inserted(inputs, index, field), outputs, instructions);
  }

  /**
   * Returns a signature with one more output, before the others.
   *
   * @param field the new output
   * @return a new signature
   */
  public Signature prependOutput(Field field) {
    return insertOutput(0, field);
  }

  /**
   * Returns a signature with one more output, after the others.
   *
   * @param field the new output
   * @return a new signature
   */
  public Signature appendOutput(Field field) {
    return insertOutput(outputs.size(), field);
  }

  /**
   * Returns a signature with one more output.
   *
   * @param index where, in {@code [0, outputs().size()]}
   * @param field the new output
   * @return a new signature
   */
  public Signature insertOutput(int index, Field field) {
    return new Signature(inputs, inserted(outputs, index, field), instructions);
  }

  private static List<Field> inserted(List<Field> fields, int index, Field field) {
    List<Field> more = new ArrayList<>(fields);
    more.add(Objects.checkIndex(index, fields.size() + 1), field);
    return more;
  }

  /**
   * Returns a signature without a field.
   *
   * @param name the name of an input or output
   * @return a new signature
   * @throws IllegalArgumentException if there is no such field or it is the only output
   */
  public Signature delete(String name) {
    return new Signature(
        inputs.stream().filter(field -> !field.name().equals(name)).toList(),
        outputs.stream().filter(field -> !field.name().equals(name)).toList(),
        known(name));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Signature that
        && inputs.equals(that.inputs)
        && outputs.equals(that.outputs)
        && instructions.equals(that.instructions);
  }

  @Override
  public int hashCode() {
    return Objects.hash(inputs, outputs, instructions);
  }

  @Override
  public String toString() {
    return shown(inputs) + " -> " + shown(outputs);
  }

  private static String shown(List<Field> fields) {
    return fields.stream().map(Field::toString).collect(Collectors.joining(", "));
  }

  /** Collects a signature's fields; not for use by several threads. No field is preset. */
  public static final class Builder {

    private final List<Field> inputs = new ArrayList<>();
    private final List<Field> outputs = new ArrayList<>();
    private @Nullable String instructions;

    private Builder() {}

    /**
     * Adds inputs.
     *
     * @param fields the next inputs
     * @return this builder
     */
    public Builder inputs(Field... fields) {
      inputs.addAll(Arrays.asList(fields));
      return this;
    }

    /**
     * Adds an input.
     *
     * @param name its name
     * @param type its type as Python writes it, such as {@code list[str]}
     * @param description what it means, shown to the model
     * @return this builder
     */
    public Builder input(String name, String type, String description) {
      return inputs(Field.of(name, type).describedAs(description));
    }

    /**
     * Adds outputs.
     *
     * @param fields the next outputs
     * @return this builder
     */
    public Builder outputs(Field... fields) {
      outputs.addAll(Arrays.asList(fields));
      return this;
    }

    /**
     * Adds an output.
     *
     * @param name its name
     * @param type its type as Python writes it, such as {@code Literal['yes', 'no']}
     * @param description what it means, shown to the model
     * @return this builder
     */
    public Builder output(String name, String type, String description) {
      return outputs(Field.of(name, type).describedAs(description));
    }

    /**
     * Sets what the model is told to do.
     *
     * @param text the instructions; empty for the default ones
     * @return this builder
     * @throws IllegalStateException if they were set before
     */
    public Builder instructions(String text) {
      if (instructions != null) {
        throw new IllegalStateException("instructions are set already");
      }
      instructions = text;
      return this;
    }

    /**
     * Builds the signature.
     *
     * @return an immutable signature
     * @throws IllegalArgumentException if there is no output or two fields share a name
     */
    public Signature build() {
      return new Signature(inputs, outputs, instructions);
    }
  }
}
