package io.trimtab.lm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of the answers to a request. Prints its shape, never its words.
 *
 * @param index its place among the completions, from 0
 * @param text what the model says, empty if it only calls tools
 * @param reasoning what it thought before, if the provider shows it
 * @param toolCalls the tools it wants called, in order; copied
 * @param finishReason why it ended
 */
public record Completion(
    int index,
    String text,
    @Nullable String reasoning,
    List<ToolCall> toolCalls,
    FinishReason finishReason) {

  /**
   * Rejects a negative index, and copies.
   *
   * @param index its place among the completions, from 0
   * @param text what the model says, empty if it only calls tools
   * @param reasoning what it thought before, if the provider shows it
   * @param toolCalls the tools it wants called, in order; copied
   * @param finishReason why it ended
   */
  public Completion {
    if (index < 0) {
      throw new IllegalArgumentException("index must be at least 0, got " + index);
    }
    toolCalls = List.copyOf(toolCalls);
  }

  /**
   * Creates a completion of plain text that ended by itself.
   *
   * @param index its place, from 0
   * @param text what the model says
   * @return the completion
   */
  public static Completion of(int index, String text) {
    return new Completion(index, text, null, List.of(), FinishReason.STOP);
  }

  @Override
  public String toString() {
    return "Completion(%d, %d chars, %s, %s)"
        .formatted(index, text.length(), toolCalls, finishReason);
  }
}
