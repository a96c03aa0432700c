package io.trimtab.program;

import io.trimtab.lm.Message;
import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.Literal;
import io.trimtab.program.FieldType.Simple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The words both adapters share. */
final class PromptText {
  /*
   * Byte for byte what DSPy 3.4 shows a model, trailing spaces included: prompts optimised there serve here, and the
   * reverse. Blocks are joined by blank lines and stripped as a whole, which is why only last lines lose their space.
   */

  static final String NOT_SUPPLIED = "Not supplied for this particular example. ";
  private static final String INCOMPLETE =
      "This is an example of the task, though some input or output fields are not supplied.";

  private PromptText() {}

  static String marker(String field) {
    return "[[ ## " + field + " ## ]]";
  }

  /**
   * Returns the whole prompt: a system message of fields, structure and objective, the
   * demonstrations as turns, and the question with the requirements of its answer.
   */
  static List<Message> conversation(
      Signature signature,
      List<Demonstration> demonstrations,
      FieldValues inputs,
      String structure,
      Function<FieldValues, String> answer,
      String requirements) {
    List<Message> messages = new ArrayList<>();
    messages.add(
        Message.system(fields(signature) + "\n" + structure + "\n" + objective(signature)));
    messages.addAll(turns(signature, demonstrations, answer));
    List<String> question = inputBlocks(signature, inputs);
    question.add(requirements);
    messages.add(Message.user(joined(question)));
    return messages;
  }

  private static String fieldList(List<Field> fields) {
    List<String> lines = new ArrayList<>();
    for (Field field : fields) {
      lines.add("%d. %s".formatted(lines.size() + 1, fieldLine(field)));
    }
    return String.join("\n", lines).strip();
  }

  private static String fieldLine(Field field) {
    String line =
        "`%s` (%s): %s".formatted(field.name(), field.type().python(), field.description());
    return field.constraints().isEmpty()
        ? line
        : line
            + "\nConstraints: "
            + field.constraints().stream().map(Constraint::words).collect(Collectors.joining(", "));
  }

  private static String fields(Signature signature) {
    return "Your input fields are:\n%s\nYour output fields are:\n%s"
        .formatted(fieldList(signature.inputs()), fieldList(signature.outputs()));
  }

  private static String objective(Signature signature) {
    return "In adhering to this structure, your objective is: "
        + cleaned(signature.instructions()).stream()
            .map(line -> "\n        " + line)
            .collect(Collectors.joining());
  }

  /** Cleans instructions as Python cleans a docstring: {@code inspect.cleandoc}. */
  private static List<String> cleaned(String text) {
    List<String> lines = new ArrayList<>(text.lines().map(PromptText::withoutTabs).toList());
    int margin =
        lines.stream()
            .skip(1)
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElse(0);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      lines.set(i, i == 0 ? line.stripLeading() : line.isBlank() ? "" : line.substring(margin));
    }
    while (!lines.isEmpty() && lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    while (!lines.isEmpty() && lines.get(0).isEmpty()) {
      lines.remove(0);
    }
    return lines;
  }

  private static String withoutTabs(String line) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '\t') {
        out.append(" ".repeat(8 - out.length() % 8));
      } else {
        out.append(line.charAt(i));
      }
    }
    return out.toString();
  }

  /** Returns the placeholder of a field with the note that tells a model its type. */
  static String placeholder(Field field, boolean output) {
    String note = output ? note(field.type()) : "";
    return "{"
        + field.name()
        + "}"
        + (note.isEmpty() ? "" : "        # note: the value you produce " + note);
  }

  private static String note(FieldType type) {
    if (type == Simple.STR) {
      return "";
    }
    if (type == Simple.BOOL) {
      return "must be True or False";
    }
    if (type == Simple.INT || type == Simple.FLOAT) {
      return "must be a single " + type.python() + " value";
    }
    if (type instanceof Enumeration enumeration) {
      return "must be one of: " + String.join("; ", enumeration.constants().values());
    }
    if (type instanceof Literal literal) {
      return "must exactly match (no extra characters) one of: "
          + literal.options().stream().map(PythonText::of).collect(Collectors.joining("; "));
    }
    return "must adhere to the JSON schema: " + PythonText.json(JsonSchema.of(type));
  }

  /** Returns {@code (must be formatted as a valid Python float)}, nothing for text. */
  static String typeHint(Field field) {
    return field.type() == Simple.STR
        ? ""
        : " (must be formatted as a valid Python " + field.type().python() + ")";
  }

  /** Returns a value as it stands in a prompt. */
  static String value(Field field, @Nullable Object value) {
    return field.type() == Simple.STR && value instanceof List<?> passages
        ? passages(passages)
        : PythonText.of(value);
  }

  private static String passages(List<?> passages) {
    if (passages.isEmpty()) {
      return "N/A";
    }
    if (passages.size() == 1) {
      return passage(passages.get(0));
    }
    List<String> lines = new ArrayList<>();
    for (Object passage : passages) {
      lines.add("[%d] %s".formatted(lines.size() + 1, passage(passage)));
    }
    return String.join("\n", lines);
  }

  private static String passage(@Nullable Object passage) {
    String text = PythonText.of(passage);
    boolean plain = text.indexOf('\n') < 0 && text.indexOf('«') < 0 && text.indexOf('»') < 0;
    return plain ? "«" + text + "»" : "«««\n    " + text.replace("\n", "\n    ") + "\n»»»";
  }

  /** Returns the blocks of the inputs that have a value. */
  private static List<String> inputBlocks(Signature signature, FieldValues values) {
    List<String> blocks = new ArrayList<>();
    for (Field field : signature.inputs()) {
      if (values.has(field.name())) {
        blocks.add(marker(field.name()) + "\n" + value(field, values.get(field.name())));
      }
    }
    return blocks;
  }

  static String joined(List<String> blocks) {
    return String.join("\n\n", blocks).strip();
  }

  /** Returns demonstrations as turns: incomplete ones first, those without any pair not at all. */
  private static List<Message> turns(
      Signature signature,
      List<Demonstration> demonstrations,
      Function<FieldValues, String> answer) {
    List<Message> incomplete = new ArrayList<>();
    List<Message> complete = new ArrayList<>();
    for (Demonstration demonstration : demonstrations) {
      FieldValues values = demonstration.values();
      if (isComplete(signature, values)) {
        complete.add(Message.user(joined(inputBlocks(signature, values))));
        complete.add(Message.assistant(answer.apply(values)));
      } else if (hasAny(signature.inputs(), values) && hasAny(signature.outputs(), values)) {
        List<String> blocks = new ArrayList<>(List.of(INCOMPLETE));
        blocks.addAll(inputBlocks(signature, values));
        incomplete.add(Message.user(joined(blocks)));
        incomplete.add(Message.assistant(answer.apply(values)));
      }
    }
    incomplete.addAll(complete);
    return incomplete;
  }

  private static boolean isComplete(Signature signature, FieldValues values) {
    return signature
        .fields()
        .allMatch(field -> values.has(field.name()) && values.get(field.name()) != null);
  }

  private static boolean hasAny(List<Field> fields, FieldValues values) {
    return fields.stream().anyMatch(field -> values.has(field.name()));
  }
}
