package io.trimtab.program;

import io.trimtab.lm.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The default adapter: fields stand below markers such as {@code [[ ## answer ## ]]}, a form every
 * chat model follows. Prompts are byte for byte those of DSPy's {@code ChatAdapter}.
 *
 * <p>Reading forgives indented markers, values on the marker's line, unknown and repeated markers
 * (the first one counts), and text before the first marker.
 */
public final class ChatAdapter implements Adapter {

  private static final Pattern MARKER = Pattern.compile("\\[\\[ ## (\\w+) ## ]]");
  private static final String COMPLETED = PromptText.marker("completed");

  /** Creates the adapter; it has no settings. */
  public ChatAdapter() {}

  @Override
  public String name() {
    return "chat";
  }

  @Override
  public List<Message> prompt(
      Signature signature, List<Demonstration> demonstrations, FieldValues inputs) {
    return PromptText.conversation(
        signature,
        demonstrations,
        inputs,
        structure(signature),
        values -> answer(signature, values),
        requirements(signature));
  }

  private static String structure(Signature signature) {
    List<String> blocks = new ArrayList<>();
    blocks.add(
        "All interactions will be structured in the following way, with the appropriate values"
            + " filled in.");
    blocks.add(template(signature.inputs(), /* output= */ false));
    blocks.add(template(signature.outputs(), /* output= */ true));
    blocks.add(COMPLETED);
    blocks.removeIf(String::isEmpty);
    return PromptText.joined(blocks);
  }

  static String template(List<Field> fields, boolean output) {
    return fields.stream()
        .map(
            field -> PromptText.marker(field.name()) + "\n" + PromptText.placeholder(field, output))
        .collect(Collectors.joining("\n\n"))
        .strip();
  }

  private static String answer(Signature signature, FieldValues values) {
    List<String> blocks = new ArrayList<>();
    for (Field field : signature.outputs()) {
      String value =
          values.has(field.name())
              ? PromptText.value(field, values.get(field.name()))
              : PromptText.NOT_SUPPLIED;
      blocks.add(PromptText.marker(field.name()) + "\n" + value);
    }
    return PromptText.joined(blocks) + "\n\n" + COMPLETED + "\n";
  }

  @Override
  public String requirements(Signature signature) {
    return signature.outputs().stream()
        .map(field -> "`" + PromptText.marker(field.name()) + "`" + PromptText.typeHint(field))
        .collect(
            Collectors.joining(
                ", then ",
                "Respond with the corresponding output fields, starting with the field ",
                ", and then ending with the marker for `" + COMPLETED + "`."));
  }

  @Override
  public FieldValues parse(Signature signature, String text) {
    return new AnswerReader(name(), signature, text).read(sections(text));
  }

  private static Map<String, String> sections(String text) {
    Map<String, String> sections = new LinkedHashMap<>();
    String current = null;
    List<String> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String bare = line.strip();
      Matcher marker = MARKER.matcher(bare);
      if (marker.lookingAt()) {
        keep(sections, current, lines);
        current = marker.group(1);
        lines = new ArrayList<>(List.of(bare.substring(marker.end()).strip()));
      } else {
        lines.add(line);
      }
    }
    keep(sections, current, lines);
    return sections;
  }

  private static void keep(
      Map<String, String> sections, @Nullable String name, List<String> lines) {
    if (name != null) {
      sections.putIfAbsent(name, String.join("\n", lines).strip());
    }
  }

  @Override
  public String toString() {
    return "ChatAdapter";
  }
}
