package io.trimtab.bridge;

import io.trimtab.bridge.wire.ChatMessage;
import io.trimtab.bridge.wire.ModelChunk;
import io.trimtab.bridge.wire.ModelOptions;
import io.trimtab.bridge.wire.ModelRequest;
import io.trimtab.bridge.wire.ModelResponse;
import io.trimtab.bridge.wire.ToolCallDelta;
import io.trimtab.lm.Completion;
import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Message;
import io.trimtab.lm.ResponseFormat;
import io.trimtab.lm.ToolCall;
import io.trimtab.lm.ToolSpec;
import io.trimtab.lm.Usage;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Turns what Python asks of a language model into a request, and the answer into messages. */
final class WireModel {

  private WireModel() {}

  /**
   * Reads a request.
   *
   * @throws IllegalArgumentException if it breaks a rule of {@link LmRequest} or is of a kind this
   *     version does not know
   */
  static LmRequest request(ModelRequest request) {
    return new LmRequest(
        request.getMessagesList().stream().map(WireModel::message).toList(),
        request.getToolsList().stream().map(WireModel::tool).toList(),
        format(request.getResponseFormat()),
        options(request.getOptions()));
  }

  private static Message message(ChatMessage message) {
    return switch (message.getRole()) {
      case SYSTEM -> Message.system(message.getText());
      case USER -> Message.user(message.getText());
      case ASSISTANT ->
          new Message.Assistant(
              message.getText(),
              message.getToolCallsList().stream().map(WireModel::toolCall).toList(),
              message.hasReasoning() ? message.getReasoning() : null);
      case TOOL -> new Message.ToolResult(message.getToolCallId(), message.getText());
      case ROLE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "message: expected a role that this version knows, got " + message.getRoleValue());
    };
  }

  private static ToolCall toolCall(io.trimtab.bridge.wire.ToolCall call) {
    return new ToolCall(call.getId(), call.getName(), call.getArguments());
  }

  private static ToolSpec tool(io.trimtab.bridge.wire.ToolSpec tool) {
    return new ToolSpec(
        tool.getName(), tool.getDescription(), WireData.plain(tool.getParameters()));
  }

  static io.trimtab.bridge.wire.ToolSpec tool(ToolSpec tool) {
    return io.trimtab.bridge.wire.ToolSpec.newBuilder()
        .setName(tool.name())
        .setDescription(tool.description())
        .setParameters(WireData.map(tool.name(), tool.parameters()))
        .build();
  }

  private static ResponseFormat format(io.trimtab.bridge.wire.ResponseFormat format) {
    return switch (format.getKindCase()) {
      case JSON_OBJECT -> ResponseFormat.JSON;
      case JSON_SCHEMA ->
          new ResponseFormat.JsonSchema(
              format.getJsonSchema().getName(),
              WireData.plain(format.getJsonSchema().getSchema()),
              format.getJsonSchema().getStrict());
      case KIND_NOT_SET -> ResponseFormat.TEXT;
    };
  }

  private static LmOptions options(ModelOptions options) {
    return new LmOptions(
        options.hasModel() ? options.getModel() : null,
        options.hasTemperature() ? options.getTemperature() : null,
        options.hasTopP() ? options.getTopP() : null,
        options.hasMaxTokens() ? options.getMaxTokens() : null,
        options.hasN() ? options.getN() : null,
        options.getStopCount() == 0 ? null : List.copyOf(options.getStopList()),
        options.hasSeed() ? options.getSeed() : null,
        options.hasPresencePenalty() ? options.getPresencePenalty() : null,
        options.hasFrequencyPenalty() ? options.getFrequencyPenalty() : null,
        options.hasRolloutId() ? options.getRolloutId() : null,
        options.hasTimeoutMs() ? Duration.ofMillis(options.getTimeoutMs()) : null,
        WireData.plain(options.getExtra()));
  }

  static ModelResponse response(LmResponse response) {
    ModelResponse.Builder message =
        ModelResponse.newBuilder()
            .setModel(response.model())
            .setUsage(usage(response.usage()))
            .setLatencyMs(response.latency().toMillis())
            .setCached(response.cached());
    present(response.id(), message::setId);
    response.completions().forEach(completion -> message.addCompletions(completion(completion)));
    return message.build();
  }

  private static io.trimtab.bridge.wire.Completion completion(Completion completion) {
    io.trimtab.bridge.wire.Completion.Builder message =
        io.trimtab.bridge.wire.Completion.newBuilder()
            .setIndex(completion.index())
            .setText(completion.text())
            .setFinishReason(finish(completion.finishReason()));
    present(completion.reasoning(), message::setReasoning);
    for (ToolCall call : completion.toolCalls()) {
      message.addToolCalls(
          io.trimtab.bridge.wire.ToolCall.newBuilder()
              .setId(call.id())
              .setName(call.name())
              .setArguments(call.arguments()));
    }
    return message.build();
  }

  private static io.trimtab.bridge.wire.FinishReason finish(FinishReason reason) {
    return switch (reason) {
      case STOP -> io.trimtab.bridge.wire.FinishReason.STOP;
      case LENGTH -> io.trimtab.bridge.wire.FinishReason.LENGTH;
      case TOOL_CALLS -> io.trimtab.bridge.wire.FinishReason.TOOL_CALLS;
      case CONTENT_FILTER -> io.trimtab.bridge.wire.FinishReason.CONTENT_FILTER;
      case UNKNOWN -> io.trimtab.bridge.wire.FinishReason.UNKNOWN;
    };
  }

  static io.trimtab.bridge.wire.Usage usage(Usage usage) {
    io.trimtab.bridge.wire.Usage.Builder message = io.trimtab.bridge.wire.Usage.newBuilder();
    present(usage.inputTokens(), message::setInputTokens);
    present(usage.outputTokens(), message::setOutputTokens);
    present(usage.totalTokens(), message::setTotalTokens);
    present(usage.cachedTokens(), message::setCachedTokens);
    present(usage.reasoningTokens(), message::setReasoningTokens);
    return message.build();
  }

  static Usage usage(io.trimtab.bridge.wire.Usage usage) {
    return new Usage(
        usage.hasInputTokens() ? usage.getInputTokens() : null,
        usage.hasOutputTokens() ? usage.getOutputTokens() : null,
        usage.hasTotalTokens() ? usage.getTotalTokens() : null,
        usage.hasCachedTokens() ? usage.getCachedTokens() : null,
        usage.hasReasoningTokens() ? usage.getReasoningTokens() : null);
  }

  static ModelChunk chunk(LmChunk chunk) {
    ModelChunk.Builder message = ModelChunk.newBuilder();
    if (chunk instanceof LmChunk.TextDelta delta) {
      message.setIndex(delta.index()).setText(delta.text());
    } else if (chunk instanceof LmChunk.ReasoningDelta delta) {
      message.setIndex(delta.index()).setReasoning(delta.text());
    } else if (chunk instanceof LmChunk.ToolCallDelta delta) {
      ToolCallDelta.Builder call =
          ToolCallDelta.newBuilder()
              .setToolIndex(delta.toolIndex())
              .setArguments(delta.arguments());
      present(delta.id(), call::setId);
      present(delta.name(), call::setName);
      message.setIndex(delta.index()).setToolCall(call);
    } else {
      message.setEnd(response(((LmChunk.End) chunk).response()));
    }
    return message.build();
  }

  private static <T> void present(@Nullable T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
