package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/** A piece of a streamed answer. */
public sealed interface LmChunk {

  /**
   * More of a completion's text.
   *
   * @param index which completion, from 0
   * @param text the next characters, not empty
   */
  record TextDelta(int index, String text) implements LmChunk {
    @Override
    public String toString() {
      return "TextDelta(%d, %d chars)".formatted(index, text.length());
    }
  }

  /**
   * More of a completion's reasoning.
   *
   * @param index which completion, from 0
   * @param text the next characters, not empty
   */
  record ReasoningDelta(int index, String text) implements LmChunk {
    @Override
    public String toString() {
      return "ReasoningDelta(%d, %d chars)".formatted(index, text.length());
    }
  }

  /**
   * More of a tool call.
   *
   * @param index which completion, from 0
   * @param toolIndex which of its tool calls, from 0
   * @param id the call's id, in its first piece
   * @param name the tool's name, in its first piece
   * @param arguments the next characters of the arguments, possibly empty
   */
  record ToolCallDelta(
      int index, int toolIndex, @Nullable String id, @Nullable String name, String arguments)
      implements LmChunk {
    @Override
    public String toString() {
      return "ToolCallDelta(%d, %d, %s, %d chars)"
          .formatted(index, toolIndex, name, arguments.length());
    }
  }

  /**
   * The end of a stream that succeeded.
   *
   * @param response the whole answer, as {@link LanguageModel#generate} would have returned it
   */
  record End(LmResponse response) implements LmChunk {}
}
