package io.trimtab.lm;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads prompts that describe their fields: the marked-section format of DSPy's chat adapter, and
 * its JSON sister.
 */
final class EmbeddedPromptReader {
  /*
   * The system message lists input and output fields, shows the structure with a note per output, and ends with the
   * objective. User and assistant messages in turn are demonstrations; the last user message that supplies an input is
   * the question. Everything is read tolerantly: what is not understood is left out, and only a prompt without output
   * fields or without a question is given up.
   */

  private static final Pattern FIELD = Pattern.compile("\\s*\\d+\\. `(\\w+)` \\((.*?)\\):(.*)");
  private static final Pattern SECTION = Pattern.compile("\\s*\\[\\[ ## (\\w+) ## ]](.*)");
  private static final Pattern NOTE_VALUES =
      Pattern.compile("\\{(\\w+)}\\s+# note: [^\\n]*?one of: ([^\\n]*)");
  private static final Pattern LITERAL_ITEM =
      Pattern.compile("'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,'\"]+)");
  private static final String OBJECTIVE = "your objective is:";
  private static final String NOT_SUPPLIED = "Not supplied for this particular example.";

  private final List<String> inputs = new ArrayList<>();
  private final List<EmbeddedPrompt.Field> outputs = new ArrayList<>();
  private final List<Message> messages;
  private final String system;

  private EmbeddedPromptReader(List<Message> messages) {
    this.messages = messages;
    StringBuilder all = new StringBuilder();
    for (Message message : messages) {
      if (message instanceof Message.System instructions) {
        all.append(instructions.text()).append('\n');
      }
    }
    system = all.toString();
  }

  /** Returns what is asked, or nothing if the prompt does not say it in a way this reader knows. */
  static Optional<EmbeddedPrompt> read(LmRequest request) {
    return new EmbeddedPromptReader(request.messages()).prompt(request.responseFormat());
  }

  private Optional<EmbeddedPrompt> prompt(ResponseFormat format) {
    readFields();
    int asked = lastQuestion();
    if (outputs.isEmpty() || asked < 0) {
      return Optional.empty();
    }
    boolean json =
        !(format instanceof ResponseFormat.Text)
            || system.contains("Outputs will be a JSON object");
    return Optional.of(
        new EmbeddedPrompt(
            outputs, objective(), demonstrations(asked), question(messages.get(asked)), json));
  }

  private void readFields() {
    Map<String, List<String>> noted = notedValues();
    List<String[]> found = new ArrayList<>();
    boolean output = false;
    int firstOutput = 0;
    for (String line : fieldLists().split("\n", -1)) {
      Matcher field = FIELD.matcher(line);
      if (line.startsWith("Your output fields are")) {
        output = true;
        firstOutput = found.size();
      } else if (field.matches()) {
        found.add(new String[] {field.group(1), field.group(2), field.group(3).strip()});
      } else if (!found.isEmpty() && !line.isBlank()) {
        String[] last = found.get(found.size() - 1);
        last[2] = (last[2] + "\n" + line.strip()).strip(); // a description may have several lines
      }
    }
    if (!output) {
      return;
    }
    found.subList(0, firstOutput).forEach(field -> inputs.add(field[0]));
    for (String[] field : found.subList(firstOutput, found.size())) {
      List<String> allowed = noted.getOrDefault(field[0], List.of());
      outputs.add(
          new EmbeddedPrompt.Field(field[0], field[1], field[2], allowed(field[1], allowed)));
    }
  }

  private String fieldLists() {
    int end = system.indexOf("All interactions will be structured");
    return end < 0 ? system : system.substring(0, end);
  }

  private Map<String, List<String>> notedValues() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    Matcher note = NOTE_VALUES.matcher(system);
    while (note.find()) {
      String list = note.group(2).replaceFirst("\"?,?\\s*$", ""); // the end of a line of JSON
      values.putIfAbsent(note.group(1), Arrays.stream(list.split(";")).map(String::strip).toList());
    }
    return values;
  }

  private static List<String> allowed(String type, List<String> noted) {
    if (type.equals("bool")) {
      return List.of("True", "False");
    }
    if (!type.startsWith("Literal[") || !type.endsWith("]")) {
      return noted;
    }
    List<String> values = new ArrayList<>();
    Matcher item = LITERAL_ITEM.matcher(type.substring("Literal[".length(), type.length() - 1));
    while (item.find()) {
      String quoted = item.group(1) != null ? item.group(1) : item.group(2);
      values.add(quoted == null ? item.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
    }
    return values;
  }

  private String objective() {
    int start = system.indexOf(OBJECTIVE);
    return start < 0 ? "" : system.substring(start + OBJECTIVE.length()).stripIndent().strip();
  }

  private int lastQuestion() {
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i) instanceof Message.User && !question(messages.get(i)).isEmpty()) {
        return i;
      }
    }
    return -1;
  }

  private List<EmbeddedPrompt.Demonstration> demonstrations(int asked) {
    List<EmbeddedPrompt.Demonstration> demonstrations = new ArrayList<>();
    for (int i = 0; i + 1 < asked; i++) {
      if (messages.get(i) instanceof Message.User user
          && messages.get(i + 1) instanceof Message.Assistant solved) {
        Map<String, String> answers = answers(solved.text());
        String question = question(user);
        if (!question.isEmpty() && !answers.isEmpty()) {
          demonstrations.add(new EmbeddedPrompt.Demonstration(question, answers));
        }
      }
    }
    return demonstrations;
  }

  private String question(Message message) {
    if (!(message instanceof Message.User user)) {
      return "";
    }
    Map<String, String> sections = sections(withoutRequest(user.text()));
    StringBuilder question = new StringBuilder();
    for (String input : inputs) {
      String value = sections.getOrDefault(input, "");
      if (!value.isEmpty()) {
        question.append(question.isEmpty() ? "" : "\n").append(value);
      }
    }
    return question.toString();
  }

  /** Cuts off the closing words of the last user message, which say in which form to answer. */
  private static String withoutRequest(String text) {
    int closing =
        Math.max(
            text.lastIndexOf("\n\nRespond with the corresponding output fields"),
            text.lastIndexOf("\n\nRespond with a JSON object"));
    return closing < 0 ? text : text.substring(0, closing);
  }

  private Map<String, String> answers(String text) {
    Map<String, String> values = sections(text);
    if (values.isEmpty()) {
      values = jsonObject(text);
    }
    Map<String, String> answers = new LinkedHashMap<>();
    for (EmbeddedPrompt.Field output : outputs) {
      @Nullable String value = values.get(output.name());
      if (value != null && !value.equals(NOT_SUPPLIED)) {
        answers.put(output.name(), value);
      }
    }
    return answers;
  }

  private static Map<String, String> sections(String text) {
    Map<String, StringBuilder> sections = new LinkedHashMap<>();
    StringBuilder ignored = new StringBuilder();
    StringBuilder current = ignored;
    for (String line : text.split("\n", -1)) {
      Matcher header = SECTION.matcher(line);
      if (header.matches()) {
        current = sections.containsKey(header.group(1)) ? ignored : new StringBuilder();
        sections.putIfAbsent(header.group(1), current);
        current.append(header.group(2));
      } else {
        current.append('\n').append(line);
      }
    }
    Map<String, String> values = new LinkedHashMap<>();
    sections.forEach((name, value) -> values.put(name, value.toString().strip()));
    return values;
  }

  private static Map<String, String> jsonObject(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    try {
      if (Json.parse(text) instanceof Map<?, ?> object) {
        object.forEach(
            (name, value) ->
                values.put(
                    String.valueOf(name), value instanceof String s ? s : Json.write(value)));
      }
    } catch (JsonException e) {
      return Map.of(); // an assistant message in another format is no demonstration
    }
    return values;
  }
}
