package io.trimtab.lm;

import java.util.List;
import java.util.Map;

/**
 * What the embedded model understood of a prompt.
 *
 * @param outputs the fields it is asked for, in order, at least one
 * @param instructions what it is told to do, possibly empty
 * @param demonstrations solved examples, in the order of the prompt
 * @param question the text of the inputs it is asked about
 * @param wantsJson whether the answer must be a JSON object instead of marked sections
 */
record EmbeddedPrompt(
    List<Field> outputs,
    String instructions,
    List<Demonstration> demonstrations,
    String question,
    boolean wantsJson) {

  EmbeddedPrompt {
    outputs = List.copyOf(outputs);
    demonstrations = List.copyOf(demonstrations);
  }

  /**
   * A field the prompt asks for.
   *
   * @param name its name
   * @param type its type as the prompt words it, such as {@code float}
   * @param description what the prompt says about it, possibly empty
   * @param allowed the values it may take, in the prompt's order; empty if any
   */
  record Field(String name, String type, String description, List<String> allowed) {
    Field {
      allowed = List.copyOf(allowed);
    }

    boolean isText() {
      return allowed.isEmpty() && type.equals("str");
    }

    boolean isNumber() {
      return type.equals("int") || type.equals("float");
    }
  }

  /**
   * A solved example.
   *
   * @param question the text of its inputs
   * @param answers its outputs by field name
   */
  record Demonstration(String question, Map<String, String> answers) {
    Demonstration {
      answers = Map.copyOf(answers);
    }
  }
}
