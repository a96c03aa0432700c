package io.trimtab.openai;

import io.trimtab.lm.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One JSON document of the protocol as it was read: a whole response, or one event of a stream.
 * Filled by its reader.
 */
final class ChatEvent {

  @Nullable String id;
  @Nullable String model;
  @Nullable Usage usage;
  boolean failed;
  @Nullable Object error;
  final List<ChoicePart> choices = new ArrayList<>(1);

  /** What one event says about one completion. */
  static final class ChoicePart {
    int index = -1;
    boolean hasContent;
    @Nullable String text;
    @Nullable String reasoning;
    @Nullable String reasoningDetails;
    @Nullable String refusal;
    @Nullable String finishReason;
    final List<ToolPart> tools = new ArrayList<>(0);
  }

  /** What one event says about one tool call. */
  static final class ToolPart {
    int index = -1;
    @Nullable String id;
    @Nullable String name;
    String arguments = "";

    boolean isEmpty() {
      return id == null && name == null && arguments.isEmpty();
    }
  }
}
