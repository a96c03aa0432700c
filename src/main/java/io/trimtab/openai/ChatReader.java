package io.trimtab.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.lm.Usage;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.MalformedInputException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what servers of this protocol write, by whatever names and in whatever shapes they write
 * it.
 */
final class ChatReader {
  /*
   * One pass over the tokens, without a tree. A field is taken if it has a usable type and
   * skipped if not: servers leave out, null and add fields freely, and only what the answer needs
   * decides whether it is usable. Whole responses ("message") and events of streams ("delta")
   * share this reader, because some servers mix them.
   */

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(100)
                  .maxStringLength(Integer.MAX_VALUE) // bodies are bounded before they get here
                  .maxNumberLength(400)
                  .build())
          .build();

  private ChatReader() {}

  /**
   * Reads one document.
   *
   * @param bytes where it starts
   * @param length its length
   * @return what it says
   * @throws IOException if the bytes are not strict UTF-8 or not one JSON object
   */
  static ChatEvent read(byte[] bytes, int length) throws IOException {
    int malformed = Utf8.firstMalformed(bytes, length);
    if (malformed >= 0) {
      throw (IOException)
          new IOException("expected UTF-8, got a malformed character at byte " + malformed)
              .initCause(new MalformedInputException(1));
    }
    int start = startsWithBom(bytes, length) ? 3 : 0;
    try (JsonParser json = FACTORY.createParser(bytes, start, length - start)) {
      ChatEvent event = new ChatEvent();
      JsonToken first = json.nextToken();
      if (first == JsonToken.START_ARRAY) {
        event.failed = true; // Google wraps its errors in a list, and nothing else comes as one
        event.error = tree(json);
      } else if (first == JsonToken.START_OBJECT) {
        document(json, event);
      } else {
        throw new IOException("expected a JSON object, got " + (first == null ? "nothing" : first));
      }
      if (json.nextToken() != null) {
        throw new IOException("expected the end of the document, got more text after it");
      }
      return event;
    }
  }

  private static boolean startsWithBom(byte[] bytes, int length) {
    return length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  private static void document(JsonParser json, ChatEvent event) throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      switch (field) {
        case "id" -> event.id = text(json, value);
        case "model" -> event.model = text(json, value);
        case "choices" -> choices(json, value, event);
        case "usage" -> event.usage = usage(json, value, event.usage);
        case "x_groq" -> groq(json, value, event);
        case "error" -> error(json, value, event);
        default -> json.skipChildren();
      }
    }
  }

  private static void error(JsonParser json, JsonToken value, ChatEvent event) throws IOException {
    if (value != JsonToken.VALUE_NULL) {
      event.failed = true;
      event.error = tree(json);
    }
  }

  private static void groq(JsonParser json, JsonToken value, ChatEvent event) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      if (field.equals("usage")) {
        event.usage = usage(json, inner, event.usage);
      } else if (field.equals("error")) {
        error(json, inner, event);
      } else {
        json.skipChildren();
      }
    }
  }

  private static void choices(JsonParser json, JsonToken value, ChatEvent event)
      throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    JsonToken item;
    while ((item = json.nextToken()) != JsonToken.END_ARRAY) {
      if (item == JsonToken.START_OBJECT) {
        event.choices.add(choice(json));
      } else {
        json.skipChildren();
      }
    }
  }

  private static ChatEvent.ChoicePart choice(JsonParser json) throws IOException {
    ChatEvent.ChoicePart part = new ChatEvent.ChoicePart();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      switch (field) {
        case "index" -> part.index = index(json, value);
        case "finish_reason" -> part.finishReason = text(json, value);
        case "message", "delta" -> message(json, value, part);
        default -> json.skipChildren();
      }
    }
    return part;
  }

  private static void message(JsonParser json, JsonToken value, ChatEvent.ChoicePart part)
      throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      switch (field) {
        case "content" -> content(json, inner, part);
        case "reasoning_content", "reasoning" -> {
          String reasoning = text(json, inner);
          // both names may be there at once, with the same words
          part.reasoning = reasoning == null || reasoning.isEmpty() ? part.reasoning : reasoning;
        }
        case "reasoning_details" -> part.reasoningDetails = joined(json, inner, part, false);
        case "refusal" -> part.refusal = text(json, inner);
        case "tool_calls" -> toolCalls(json, inner, part);
        case "function_call" -> function(json, inner, part, new ChatEvent.ToolPart());
        default -> json.skipChildren();
      }
    }
  }

  private static void content(JsonParser json, JsonToken value, ChatEvent.ChoicePart part)
      throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      part.hasContent = true;
      part.text = json.getText();
    } else if (value == JsonToken.START_ARRAY) {
      part.hasContent = true;
      part.text = joined(json, value, part, true);
    } else {
      json.skipChildren();
    }
  }

  /** Joins the texts of a list of parts such as {@code [{"type": "text", "text": "…"}, …]}. */
  private static @Nullable String joined(
      JsonParser json, JsonToken value, ChatEvent.ChoicePart part, boolean content)
      throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return null;
    }
    StringBuilder all = new StringBuilder();
    JsonToken item;
    while ((item = json.nextToken()) != JsonToken.END_ARRAY) {
      if (item == JsonToken.VALUE_STRING) {
        all.append(json.getText());
      } else if (item == JsonToken.START_OBJECT) {
        contentPart(json, part, content, all);
      } else {
        json.skipChildren();
      }
    }
    return all.length() == 0 && !content ? null : all.toString();
  }

  private static void contentPart(
      JsonParser json, ChatEvent.ChoicePart part, boolean content, StringBuilder all)
      throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("text") || (field.equals("summary") && !content)) {
        String text = text(json, value);
        all.append(text == null ? "" : text);
      } else if (field.equals("refusal") && content) {
        part.refusal = text(json, value);
      } else if (field.equals("thinking") && content) {
        String thinking =
            value == JsonToken.START_ARRAY ? joined(json, value, part, false) : text(json, value);
        part.reasoning = thinking == null ? part.reasoning : thinking;
      } else {
        json.skipChildren();
      }
    }
  }

  private static void toolCalls(JsonParser json, JsonToken value, ChatEvent.ChoicePart part)
      throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    JsonToken item;
    while ((item = json.nextToken()) != JsonToken.END_ARRAY) {
      if (item != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      ChatEvent.ToolPart tool = new ChatEvent.ToolPart();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        JsonToken inner = json.nextToken();
        switch (field) {
          case "index" -> tool.index = index(json, inner);
          case "id" -> tool.id = emptyToNull(text(json, inner));
          case "function" -> function(json, inner, tool);
          default -> json.skipChildren();
        }
      }
      if (!tool.isEmpty()) { // some servers end a stream of calls with empty ones
        part.tools.add(tool);
      }
    }
  }

  /** Reads the form that tools had before there were several. */
  private static void function(
      JsonParser json, JsonToken value, ChatEvent.ChoicePart part, ChatEvent.ToolPart tool)
      throws IOException {
    function(json, value, tool);
    if (!tool.isEmpty()) {
      part.tools.add(tool);
    }
  }

  private static void function(JsonParser json, JsonToken value, ChatEvent.ToolPart tool)
      throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      switch (field) {
        case "name" -> tool.name = emptyToNull(text(json, inner));
        case "arguments" -> tool.arguments = arguments(json, inner);
        default -> json.skipChildren();
      }
    }
  }

  /** Arguments are a string of JSON; some servers send the JSON itself. */
  private static String arguments(JsonParser json, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    return value == JsonToken.VALUE_NULL ? "" : raw(json);
  }

  private static @Nullable Usage usage(JsonParser json, JsonToken value, @Nullable Usage before)
      throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return before;
    }
    Long input = null;
    Long output = null;
    Long total = null;
    Long cached = null;
    Long reasoning = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      switch (field) {
        case "prompt_tokens", "input_tokens" -> input = count(json, inner);
        case "completion_tokens", "output_tokens" -> output = count(json, inner);
        case "total_tokens" -> total = count(json, inner);
        case "prompt_cache_hit_tokens" -> cached = count(json, inner);
        case "prompt_tokens_details", "input_tokens_details" ->
            cached = detail(json, inner, "cached_tokens", cached);
        case "completion_tokens_details", "output_tokens_details" ->
            reasoning = detail(json, inner, "reasoning_tokens", reasoning);
        default -> json.skipChildren();
      }
    }
    return new Usage(input, output, total, cached, reasoning);
  }

  private static @Nullable Long detail(
      JsonParser json, JsonToken value, String wanted, @Nullable Long before) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return before;
    }
    Long found = before;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken inner = json.nextToken();
      if (field.equals(wanted)) {
        found = count(json, inner);
      } else {
        json.skipChildren();
      }
    }
    return found;
  }

  /** Counts come as integers, as floats, as null; what cannot be a count is unknown. */
  private static @Nullable Long count(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.VALUE_NUMBER_INT && value != JsonToken.VALUE_NUMBER_FLOAT) {
      json.skipChildren();
      return null;
    }
    double count = json.getDoubleValue();
    return count >= 0 && count < 1e15 ? Long.valueOf((long) count) : null;
  }

  private static int index(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.VALUE_NUMBER_INT) {
      json.skipChildren();
      return -1;
    }
    double index = json.getDoubleValue();
    return index >= 0 && index <= Integer.MAX_VALUE ? (int) index : -1;
  }

  private static @Nullable String text(JsonParser json, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    json.skipChildren();
    return null;
  }

  private static @Nullable String emptyToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable Object tree(JsonParser json) throws IOException {
    try {
      return Json.parse(raw(json));
    } catch (JsonException e) {
      throw new IOException("an error that cannot be read: " + e.getMessage(), e);
    }
  }

  private static String raw(JsonParser json) throws IOException {
    StringWriter out = new StringWriter();
    try (JsonGenerator copy = FACTORY.createGenerator(out)) {
      copy.copyCurrentStructure(json);
    }
    return out.toString();
  }
}
