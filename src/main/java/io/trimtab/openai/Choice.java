package io.trimtab.openai;

import io.trimtab.lm.Completion;
import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LmChunk;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts one completion together. */
final class Choice {

  private final int index;
  private final TextBudget budget;
  private final Consumer<LmChunk> chunks;
  private final ThinkSplitter splitter;
  private final ToolCalls tools;
  private final Text text = new Text();
  private final Text reasoning = new Text();
  private boolean hasContent;
  private boolean refused;
  private @Nullable String finish;

  Choice(int index, boolean thinkTags, TextBudget budget, Consumer<LmChunk> chunks) {
    this.index = index;
    this.budget = budget;
    this.chunks = chunks;
    this.splitter = new ThinkSplitter(thinkTags, this::addReasoning, this::addText);
    this.tools = new ToolCalls(index, chunks);
  }

  int index() {
    return index;
  }

  boolean isFinished() {
    return finish != null;
  }

  void add(ChatEvent.ChoicePart part) throws IOException {
    String thought = part.reasoning == null ? part.reasoningDetails : part.reasoning;
    if (thought != null && !thought.isEmpty()) {
      budget.take(thought.length());
      addReasoning(thought);
    }
    hasContent |= part.hasContent;
    if (part.text != null && !part.text.isEmpty()) {
      budget.take(part.text.length());
      splitter.add(part.text);
    }
    if (part.refusal != null && !part.refusal.isEmpty()) {
      refused = true;
      budget.take(part.refusal.length());
      splitter.add(part.refusal);
    }
    for (ChatEvent.ToolPart tool : part.tools) {
      budget.take(tool.arguments.length());
      tools.add(tool);
    }
    if (part.finishReason != null && !part.finishReason.isBlank() && finish == null) {
      finish = part.finishReason.strip().toLowerCase(Locale.ROOT);
      splitter.end();
    }
  }

  private void addText(String piece) {
    text.add(piece);
    chunks.accept(new LmChunk.TextDelta(index, piece));
  }

  private void addReasoning(String piece) {
    reasoning.add(piece);
    chunks.accept(new LmChunk.ReasoningDelta(index, piece));
  }

  Completion completion(Failures failures) {
    splitter.end();
    FinishReason reason = reason(failures);
    boolean empty = text.isEmpty() && tools.isEmpty();
    boolean mayBeEmpty =
        hasContent || reason == FinishReason.LENGTH || reason == FinishReason.CONTENT_FILTER;
    if (empty && !mayBeEmpty) {
      throw failures.malformed(
          "expected text or tool calls, got a completion with neither (finish reason %s)"
              .formatted(finish));
    }
    String thought = reasoning.isEmpty() ? null : reasoning.toString();
    return new Completion(index, text.toString(), thought, tools.toList(failures), reason);
  }

  private FinishReason reason(Failures failures) {
    FinishReason said = said(failures);
    if (refused) {
      return FinishReason.CONTENT_FILTER;
    }
    // Some servers end with "stop" although they want tools called.
    boolean silent = said == FinishReason.STOP || said == FinishReason.UNKNOWN;
    return silent && !tools.isEmpty() ? FinishReason.TOOL_CALLS : said;
  }

  private FinishReason said(Failures failures) {
    if (finish == null) {
      return FinishReason.UNKNOWN;
    }
    return switch (finish) {
      case "stop", "end_turn", "eos", "eos_token", "stop_sequence", "stop_token", "complete" ->
          FinishReason.STOP;
      case "length", "max_tokens", "model_length", "max_output_tokens" -> FinishReason.LENGTH;
      case "tool_calls", "tool_call", "tool_use", "function_call" -> FinishReason.TOOL_CALLS;
      case "content_filter", "safety", "refusal", "recitation", "blocklist" ->
          FinishReason.CONTENT_FILTER;
      case "error", "abort", "aborted", "cancelled", "insufficient_system_resource" ->
          throw failures.gaveUp(finish);
      default -> FinishReason.UNKNOWN;
    };
  }
}
