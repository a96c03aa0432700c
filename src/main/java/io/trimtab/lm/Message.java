package io.trimtab.lm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation. No message prints its text: prompts stay out of logs unless somebody
 * asks for {@link #text()}.
 */
public sealed interface Message {

  /**
   * Returns what was said.
   *
   * @return the text, possibly empty
   */
  String text();

  /**
   * Instructions that stand above the conversation.
   *
   * @param text the instructions
   */
  @SuppressWarnings("JavaLangClash") // only ever named Message.System, the word of the field
  record System(String text) implements Message {
    @Override
    public String toString() {
      return shape("system", text);
    }
  }

  /**
   * What the user says.
   *
   * @param text the words
   */
  record User(String text) implements Message {
    @Override
    public String toString() {
      return shape("user", text);
    }
  }

  /**
   * What the model said before, or what a demonstration lets it say.
   *
   * @param text the words, empty if it only called tools
   * @param toolCalls the tools it asked for, in order; copied
   * @param reasoning what it thought before, for the few providers that want it sent back with the
   *     results of tools; or null
   */
  record Assistant(String text, List<ToolCall> toolCalls, @Nullable String reasoning)
      implements Message {

    /**
     * Copies the tool calls.
     *
     * @param text the words, empty if it only called tools
     * @param toolCalls the tools it asked for, in order; copied
     * @param reasoning what it thought before, or null
     */
    public Assistant {
      toolCalls = List.copyOf(toolCalls);
    }

    /**
     * Creates a message without reasoning.
     *
     * @param text the words, empty if it only called tools
     * @param toolCalls the tools it asked for, in order; copied
     */
    public Assistant(String text, List<ToolCall> toolCalls) {
      this(text, toolCalls, null);
    }

    @Override
    public String toString() {
      return shape("assistant", text) + (toolCalls.isEmpty() ? "" : toolCalls);
    }
  }

  /**
   * What a tool answered.
   *
   * @param toolCallId the {@link ToolCall#id()} this answers
   * @param text the tool's output
   */
  record ToolResult(String toolCallId, String text) implements Message {
    @Override
    public String toString() {
      return shape("tool", text);
    }
  }

  /**
   * Creates a system message.
   *
   * @param text the instructions
   * @return the message
   */
  static Message system(String text) {
    return new System(text);
  }

  /**
   * Creates a user message.
   *
   * @param text the words
   * @return the message
   */
  static Message user(String text) {
    return new User(text);
  }

  /**
   * Creates an assistant message without tool calls.
   *
   * @param text the words
   * @return the message
   */
  static Message assistant(String text) {
    return new Assistant(text, List.of());
  }

  private static String shape(String role, String text) {
    return "%s(%d chars)".formatted(role, text.length());
  }
}
