package io.trimtab.openai;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.Message;
import io.trimtab.lm.ResponseFormat;
import io.trimtab.lm.ToolCall;
import io.trimtab.lm.ToolSpec;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes requests as a server's dialect wants them: what the caller did not set is not sent. */
final class ChatRequestWriter {

  /** Fields that shape the exchange itself, so that a caller's extra field must not change them. */
  private static final Set<String> OURS =
      Set.of("model", "messages", "stream", "stream_options", "tools", "response_format");

  private static final JsonFactory FACTORY = new JsonFactory();

  private final Dialect dialect;

  ChatRequestWriter(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * Writes one request.
   *
   * @param request the conversation, tools and form
   * @param options the options in force
   * @param model the model to name
   * @param stream whether the answer is wanted as it arises
   * @param unsupported fields the model is known to refuse
   * @throws IOException if a text has an unpaired surrogate
   */
  Bytes write(
      LmRequest request, LmOptions options, String model, boolean stream, Set<String> unsupported)
      throws IOException {
    Bytes out = new Bytes(1024);
    try (JsonGenerator json = FACTORY.createGenerator(out, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      messages(json, request.messages());
      if (!request.tools().isEmpty()) {
        tools(json, request.tools());
      }
      format(json, request.responseFormat());
      options(json, options, model, unsupported);
      if (stream) {
        stream(json, unsupported);
      }
      extras(json, options.extra());
      json.writeEndObject();
    }
    return out;
  }

  private void stream(JsonGenerator json, Set<String> unsupported) throws IOException {
    json.writeBooleanField("stream", true);
    if (dialect.streamUsage() && !unsupported.contains("stream_options")) {
      json.writeObjectFieldStart("stream_options");
      json.writeBooleanField("include_usage", true);
      json.writeEndObject();
    }
  }

  private void messages(JsonGenerator json, List<Message> messages) throws IOException {
    json.writeArrayFieldStart("messages");
    for (Message message : messages) {
      json.writeStartObject();
      if (message instanceof Message.Assistant assistant) {
        assistant(json, assistant);
      } else if (message instanceof Message.ToolResult result) {
        json.writeStringField("role", "tool");
        json.writeStringField("tool_call_id", result.toolCallId());
        text(json, "content", result.text());
      } else {
        boolean system = message instanceof Message.System;
        json.writeStringField("role", system ? dialect.systemRole() : "user");
        text(json, "content", message.text());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void assistant(JsonGenerator json, Message.Assistant message) throws IOException {
    json.writeStringField("role", "assistant");
    if (!message.text().isEmpty() || message.toolCalls().isEmpty()) {
      text(json, "content", message.text());
    } else if (dialect.emptyContent() == EmptyContent.NULL) {
      json.writeNullField("content");
    } else if (dialect.emptyContent() == EmptyContent.EMPTY_STRING) {
      json.writeStringField("content", "");
    }
    String reasoning = message.reasoning();
    if (dialect.replayReasoning() && reasoning != null) {
      text(json, "reasoning_content", reasoning);
    }
    if (message.toolCalls().isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("tool_calls");
    for (ToolCall call : message.toolCalls()) {
      json.writeStartObject();
      json.writeStringField("id", call.id());
      json.writeStringField("type", "function");
      json.writeObjectFieldStart("function");
      json.writeStringField("name", call.name());
      text(json, "arguments", call.arguments());
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void tools(JsonGenerator json, List<ToolSpec> tools) throws IOException {
    json.writeArrayFieldStart("tools");
    for (ToolSpec tool : tools) {
      json.writeStartObject();
      json.writeStringField("type", "function");
      json.writeObjectFieldStart("function");
      json.writeStringField("name", tool.name());
      text(json, "description", tool.description());
      json.writeFieldName("parameters");
      tree(json, tool.parameters());
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void format(JsonGenerator json, ResponseFormat format) throws IOException {
    if (format instanceof ResponseFormat.JsonObject) {
      json.writeObjectFieldStart("response_format");
      json.writeStringField("type", "json_object");
      json.writeEndObject();
    } else if (format instanceof ResponseFormat.JsonSchema schema) {
      json.writeObjectFieldStart("response_format");
      json.writeStringField("type", "json_schema");
      json.writeObjectFieldStart("json_schema");
      json.writeStringField("name", schema.name());
      json.writeBooleanField("strict", schema.strict());
      json.writeFieldName("schema");
      tree(json, schema.schema());
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  private void options(JsonGenerator json, LmOptions options, String model, Set<String> unsupported)
      throws IOException {
    Integer maxTokens = options.maxTokens();
    if (maxTokens != null) {
      number(json, options, Set.of(), maxTokensField(model, unsupported), maxTokens);
    }
    number(json, options, unsupported, "temperature", options.temperature());
    number(json, options, unsupported, "top_p", options.topP());
    number(json, options, unsupported, "presence_penalty", options.presencePenalty());
    number(json, options, unsupported, "frequency_penalty", options.frequencyPenalty());
    number(json, options, unsupported, "seed", options.seed());
    number(json, options, unsupported, "n", options.n());
    List<String> stop = options.stop();
    if (stop != null && !stop.isEmpty() && !options.extra().containsKey("stop")) {
      json.writeArrayFieldStart("stop");
      for (String text : stop) {
        json.writeString(checked(text));
      }
      json.writeEndArray();
    }
  }

  /** Tells whether a request has a field because one of its options asks for it. */
  boolean sends(
      String field, LmOptions options, String model, boolean stream, Set<String> unsupported) {
    if (options.extra().containsKey(field)) {
      return false;
    }
    return switch (field) {
      case "temperature" -> options.temperature() != null;
      case "top_p" -> options.topP() != null;
      case "presence_penalty" -> options.presencePenalty() != null;
      case "frequency_penalty" -> options.frequencyPenalty() != null;
      case "seed" -> options.seed() != null;
      case "max_tokens", "max_completion_tokens" ->
          options.maxTokens() != null && field.equals(maxTokensField(model, unsupported));
      case "stream_options" -> stream && dialect.streamUsage();
      default -> false;
    };
  }

  /**
   * Returns the name of the token limit: what was set, or what the model's name suggests, unless it
   * was refused.
   */
  private String maxTokensField(String model, Set<String> unsupported) {
    MaxTokensField set = dialect.maxTokensField();
    MaxTokensField field = set == null ? MaxTokensField.forModel(model) : set;
    return unsupported.contains(field.field()) ? field.other().field() : field.field();
  }

  private static void number(
      JsonGenerator json,
      LmOptions options,
      Set<String> unsupported,
      String field,
      @Nullable Number value)
      throws IOException {
    if (value == null || unsupported.contains(field) || options.extra().containsKey(field)) {
      return; // an extra field of the same name is the caller's more specific wish
    }
    json.writeFieldName(field);
    tree(json, value);
  }

  private static void extras(JsonGenerator json, Map<String, ? extends @Nullable Object> extras)
      throws IOException {
    for (Map.Entry<String, ? extends @Nullable Object> extra : extras.entrySet()) {
      json.writeFieldName(extra.getKey());
      tree(json, extra.getValue());
    }
  }

  /**
   * Refuses extra fields that would change the exchange under our feet.
   *
   * @throws IllegalArgumentException if there is one
   */
  static void checkExtras(LmOptions options) {
    for (String name : options.extra().keySet()) {
      if (OURS.contains(name)) {
        throw new IllegalArgumentException(
            "extra field \"%s\" is written by the client itself; use the request or its options"
                .formatted(name));
      }
    }
  }

  private static void text(JsonGenerator json, String field, String text) throws IOException {
    json.writeFieldName(field);
    json.writeString(checked(text));
  }

  /**
   * Refuses half characters, which Jackson would escape and servers would make something else of.
   */
  private static String checked(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c) && !isPaired(text, i)) {
        throw new IOException("unpaired surrogate at character " + (i + 1));
      }
    }
    return text;
  }

  private static boolean isPaired(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }

  private static void tree(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        tree(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object item : list) {
        tree(json, item);
      }
      json.writeEndArray();
    } else if (value instanceof String text) {
      json.writeString(checked(text));
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Number number) {
      number(json, number);
    } else {
      json.writeNull();
    }
  }

  private static void number(JsonGenerator json, Number value) throws IOException {
    if (value instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (value instanceof BigInteger integer) {
      json.writeNumber(integer);
    } else if (value instanceof Double || value instanceof Float) {
      if (!Double.isFinite(value.doubleValue())) {
        throw new IOException("JSON has no form for the number " + value);
      }
      json.writeNumber(value.doubleValue());
    } else {
      json.writeNumber(value.longValue());
    }
  }
}
