package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.program.FieldType.DictOf;
import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.ListOf;
import io.trimtab.program.FieldType.Literal;
import io.trimtab.program.FieldType.Simple;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignatureTest {

  @Test
  void parse_fieldsWithoutTypes_areText() {
    Signature signature =
        Signature.parse("question, context: list[str] -> answer, confidence: float");

    assertThat(signature.inputs())
        .containsExactly(
            Field.of("question", Simple.STR), Field.of("context", new ListOf(Simple.STR)));
    assertThat(signature.outputs())
        .containsExactly(Field.of("answer", Simple.STR), Field.of("confidence", Simple.FLOAT));
    assertThat(signature.instructions())
        .isEqualTo(
            "Given the fields `question`, `context`, produce the fields `answer`, `confidence`.");
    assertThat(signature)
        .hasToString("question: str, context: list[str] -> answer: str, confidence: float");
  }

  @Test
  void parse_everyType_isWrittenAsPythonWritesIt() {
    assertThat(type("dict[str, Any]")).isEqualTo(new DictOf(Simple.ANY));
    assertThat(type("Optional[int]").python()).isEqualTo("Union[int, NoneType]");
    assertThat(type("int | None")).isEqualTo(type("Optional[int]"));
    assertThat(type("Union[int, Union[str, None]]").python())
        .isEqualTo("Union[int, str, NoneType]");
    assertThat(type("Literal['a', \"it's\", 3, -1, True]"))
        .isEqualTo(new Literal(List.of("a", "it's", 3L, -1L, true)));
    assertThat(type("Literal['a', \"it's\", 3, -1, True]").python())
        .isEqualTo("Literal['a', \"it's\", 3, -1, True]");
    assertThat(type("typing.List[list[dict[str, bool]]]").python())
        .isEqualTo("list[list[dict[str, bool]]]");
    assertThat(type("list").python()).isEqualTo("list");
    assertThat(type("Union[int, int]")).isEqualTo(Simple.INT);
  }

  private static FieldType type(String text) {
    return Signature.parse("a -> b: " + text).outputs().get(0).type();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "question, answer; expected '->', got the end; 16",
        "a ->; expected a field name, got the end; 4",
        "a -> b -> c; expected the end, got '-'; 7",
        "a: -> b; expected a type, got '-'; 3",
        "a: list[ -> b; expected a type, got '-'; 9",
        "a: list[str -> b; expected ']', got '-'; 12",
        "a: widget -> b; unknown type widget; 3",
        "a -> b, a; field a appears twice; 8",
        "1a -> b; expected a field name, got '1'; 0",
        "a: dict[int, str] -> b; the keys of a dict are str; 8",
        "a -> b: Literal['x; this quote is never closed; 16",
        "a -> b: Literal['x', 'x']; option x appears twice; 21",
        "a -> b: Literal; Literal needs arguments; 8",
        "a -> b: int[str]; type int takes no arguments; 8",
        "a b -> c; expected '->', got 'b'; 2",
      })
  void parse_malformedText_saysWhatAndWhere(String text, String problem, int position) {
    assertThatThrownBy(() -> Signature.parse(text))
        .isInstanceOfSatisfying(
            SignatureException.class,
            e -> {
              assertThat(e.position()).isEqualTo(position);
              assertThat(e.text()).isEqualTo(text);
            })
        .hasMessageContaining(problem)
        .hasMessageContaining("column " + (position + 1));
  }

  @Test
  void parse_hostileNesting_endsInAnErrorNotInAnOverflow() {
    assertThatThrownBy(() -> Signature.parse("a -> b: " + "list[".repeat(100_000)))
        .isInstanceOf(SignatureException.class)
        .hasMessageContaining("nest deeper");
  }

  private enum Color {
    RED,
    GREEN
  }

  @Test
  void parse_namedTypes_areLookedUp() {
    Signature signature =
        Signature.parse("a -> b: list[Color]", Map.of("Color", Enumeration.of(Color.class)));

    assertThat(signature.outputs().get(0).type().python()).isEqualTo("list[Color]");
  }

  private record Address(String street, int number) {}

  private record Ticket(
      @Description("what the customer wrote") String text, List<String> tags, Color color) {}

  @Description("Sort the ticket.")
  private record Triage(
      @OneOf({"bug", "billing"}) String label,
      @Range(ge = 0, le = 1) double confidence,
      @Length(max = 3) List<String> reasons,
      Optional<Address> address,
      @org.jspecify.annotations.Nullable Long count) {}

  @Test
  void of_records_readsTypesDescriptionsAndRules() {
    Signature signature = Signature.of(Ticket.class, Triage.class);

    assertThat(signature.instructions()).isEqualTo("Sort the ticket.");
    assertThat(signature.inputs().get(0).description()).isEqualTo("what the customer wrote");
    assertThat(signature)
        .hasToString(
            "text: str, tags: list[str], color: Color -> label: Literal['bug', 'billing'],"
                + " confidence: float, reasons: list[str], address: Union[Address, NoneType],"
                + " count: Union[int, NoneType]");
    assertThat(signature.field("confidence").orElseThrow().constraints())
        .containsExactly(
            new Constraint(Constraint.Kind.GE, 0), new Constraint(Constraint.Kind.LE, 1));
    assertThat(signature.field("reasons").orElseThrow().constraints())
        .containsExactly(new Constraint(Constraint.Kind.MAX_LENGTH, 3));
  }

  @Test
  void as_record_buildsNestedRecordsEnumsAndOptionals() {
    FieldValues values =
        FieldValues.of(
            Map.of(
                "label",
                "bug",
                "confidence",
                1L,
                "reasons",
                List.of("x"),
                "address",
                Map.of("street", "Main", "number", 3L)));

    Triage triage = values.with("count", null).as(Triage.class);

    assertThat(triage)
        .isEqualTo(new Triage("bug", 1.0, List.of("x"), Optional.of(new Address("Main", 3)), null));
    assertThat(FieldValues.of(new Ticket("t", List.of(), Color.GREEN)).as(Ticket.class))
        .isEqualTo(new Ticket("t", List.of(), Color.GREEN));
    assertThatThrownBy(() -> values.as(Ticket.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("text");
  }

  private record Odd(Thread thread) {}

  private record Loop(List<Loop> children) {}

  @Test
  void of_componentWithoutFieldType_isRefusedByName() {
    assertThatThrownBy(() -> Signature.of(Odd.class, Triage.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Odd.thread");
    assertThatThrownBy(() -> Signature.of(Ticket.class, Loop.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("contains itself");
  }

  @Test
  void operations_returnChangedCopies() {
    Signature signature = Signature.parse("a, b -> c");

    assertThat(signature.prependInput(Field.of("z", "int")))
        .hasToString("z: int, a: str, b: str -> c: str");
    assertThat(signature.insertInput(1, Field.of("z", "int")))
        .hasToString("a: str, z: int, b: str -> c: str");
    assertThat(signature.appendOutput(Field.of("z", "int")))
        .hasToString("a: str, b: str -> c: str, z: int");
    assertThat(signature.prependOutput(Field.of("z", "int")).instructions())
        .as("instructions once derived stay")
        .isEqualTo(signature.instructions());
    assertThat(signature.delete("a")).hasToString("b: str -> c: str");
    assertThat(signature.withInstructions("Do.").instructions()).isEqualTo("Do.");
    assertThat(signature.withField(Field.of("c", "int"))).hasToString("a: str, b: str -> c: int");
    assertThat(signature).isEqualTo(Signature.parse("a, b -> c"));
    assertThatThrownBy(() -> signature.delete("c")).hasMessageContaining("at least one output");
    assertThatThrownBy(() -> signature.delete("q")).hasMessageContaining("no field q");
    assertThatThrownBy(() -> signature.appendInput(Field.of("c", "str")))
        .hasMessageContaining("[c]");
  }

  @Test
  void constraint_acceptsWhatItSays() {
    assertThat(new Constraint(Constraint.Kind.GT, 1).accepts(1.0)).isFalse();
    assertThat(new Constraint(Constraint.Kind.GE, 1).accepts(1.0)).isTrue();
    assertThat(new Constraint(Constraint.Kind.LT, 1).accepts(1L)).isFalse();
    assertThat(new Constraint(Constraint.Kind.LE, 1).accepts(1L)).isTrue();
    assertThat(new Constraint(Constraint.Kind.LE, 1).accepts(Double.NaN)).isFalse();
    assertThat(new Constraint(Constraint.Kind.MULTIPLE_OF, 0.1).accepts(0.3)).isTrue();
    assertThat(new Constraint(Constraint.Kind.MULTIPLE_OF, 0.1).accepts(0.35)).isFalse();
    assertThat(new Constraint(Constraint.Kind.MIN_LENGTH, 1).accepts("")).isFalse();
    assertThat(new Constraint(Constraint.Kind.MAX_LENGTH, 1).accepts("😀")).isTrue();
    assertThat(new Constraint(Constraint.Kind.MAX_LENGTH, 1).accepts(List.of(1, 2))).isFalse();
    assertThat(new Constraint(Constraint.Kind.GE, 0.5).words())
        .isEqualTo("greater than or equal to: 0.5");
    assertThatThrownBy(() -> new Constraint(Constraint.Kind.GE, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
