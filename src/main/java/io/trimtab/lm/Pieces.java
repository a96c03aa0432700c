package io.trimtab.lm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream delivers once its answer is known.
 *
 * @param chunks what is delivered, in order
 * @param failure what the stream ends with instead of completing, or null
 */
record Pieces(List<LmChunk> chunks, @Nullable Throwable failure) {

  /** Splits an answer into deltas of at most {@code size} characters each, and its end. */
  static Pieces of(LmResponse response, int size) {
    List<LmChunk> chunks = new ArrayList<>();
    for (Completion completion : response.completions()) {
      addDeltas(chunks, completion, size);
    }
    chunks.add(new LmChunk.End(response));
    return new Pieces(chunks, null);
  }

  /** Keeps the first chunks, then fails. */
  Pieces brokenAfter(int count, Throwable reason) {
    return new Pieces(chunks.subList(0, Math.min(count, chunks.size() - 1)), reason);
  }

  private static void addDeltas(List<LmChunk> chunks, Completion completion, int size) {
    int index = completion.index();
    String reasoning = completion.reasoning();
    if (reasoning != null) {
      split(reasoning, size).forEach(s -> chunks.add(new LmChunk.ReasoningDelta(index, s)));
    }
    split(completion.text(), size).forEach(s -> chunks.add(new LmChunk.TextDelta(index, s)));
    int toolIndex = 0;
    for (ToolCall call : completion.toolCalls()) {
      chunks.add(
          new LmChunk.ToolCallDelta(index, toolIndex, call.id(), call.name(), call.arguments()));
      toolIndex++;
    }
  }

  private static List<String> split(String text, int size) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int to = (int) Math.min((long) from + size, text.length());
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to++; // a delta never ends within a character
      }
      parts.add(text.substring(from, to));
      from = to;
    }
    return parts;
  }
}
