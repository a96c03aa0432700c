package io.trimtab.lm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is asked of a {@link LanguageModel}: a conversation, tools, the wanted form, options.
 * Immutable; prints its shape, never its words.
 *
 * @param messages the conversation, at least one message; copied
 * @param tools what the model may ask for; copied
 * @param responseFormat the form of the answer
 * @param options how to answer
 */
public record LmRequest(
    List<Message> messages,
    List<ToolSpec> tools,
    ResponseFormat responseFormat,
    LmOptions options) {

  /**
   * Rejects an empty conversation and two tools of one name.
   *
   * @param messages the conversation, at least one message; copied
   * @param tools what the model may ask for; copied
   * @param responseFormat the form of the answer
   * @param options how to answer
   */
  public LmRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("a request needs at least one message, got none");
    }
    if (tools.size() > 1) {
      requireDistinct(tools.stream().map(ToolSpec::name).toList());
    }
  }

  private static void requireDistinct(List<String> names) {
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("tools must have distinct names, got " + names);
    }
  }

  /**
   * Asks one thing, as plain text and without options.
   *
   * @param prompt what the user says
   * @return a request with one user message
   */
  public static LmRequest of(String prompt) {
    return builder().user(prompt).build();
  }

  /**
   * Asks with a conversation, as plain text and without options.
   *
   * @param messages at least one
   * @return the request
   */
  public static LmRequest of(List<Message> messages) {
    return builder().messages(messages).build();
  }

  /**
   * Starts an empty request: no tools, plain text, no options.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns a builder that starts with this request.
   *
   * @return a builder whose messages and tools are added after these
   */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.messages.addAll(messages);
    builder.tools.addAll(tools);
    builder.responseFormat = responseFormat;
    builder.options = options;
    return builder;
  }

  /**
   * Returns the same request with other options.
   *
   * @param others the options instead of these
   * @return the request
   */
  public LmRequest withOptions(LmOptions others) {
    return new LmRequest(messages, tools, responseFormat, others);
  }

  /**
   * Returns the same request with another deadline.
   *
   * @param timeout longer than zero
   * @return the request
   */
  public LmRequest withTimeout(Duration timeout) {
    return withOptions(options.withTimeout(timeout));
  }

  /** Prints the shape only: prompts stay out of logs. */
  @Override
  public String toString() {
    return "LmRequest(%s, %d tools, %s, %s)"
        .formatted(messages, tools.size(), responseFormat.getClass().getSimpleName(), options);
  }

  /** Collects the parts of a request. Not safe for use by several threads. */
  public static final class Builder {

    private final List<Message> messages = new ArrayList<>();
    private final List<ToolSpec> tools = new ArrayList<>();
    private ResponseFormat responseFormat = ResponseFormat.TEXT;
    private LmOptions options = LmOptions.NONE;

    private Builder() {}

    /**
     * Adds a system message.
     *
     * @param text the instructions
     * @return this builder
     */
    public Builder system(String text) {
      return message(Message.system(text));
    }

    /**
     * Adds a user message.
     *
     * @param text the words
     * @return this builder
     */
    public Builder user(String text) {
      return message(Message.user(text));
    }

    /**
     * Adds an assistant message.
     *
     * @param text the words
     * @return this builder
     */
    public Builder assistant(String text) {
      return message(Message.assistant(text));
    }

    /**
     * Adds a message.
     *
     * @param message any message
     * @return this builder
     */
    public Builder message(Message message) {
      messages.add(message);
      return this;
    }

    /**
     * Adds messages in order.
     *
     * @param more any messages
     * @return this builder
     */
    public Builder messages(List<Message> more) {
      messages.addAll(more);
      return this;
    }

    /**
     * Offers a tool.
     *
     * @param tool its description
     * @return this builder
     */
    public Builder tool(ToolSpec tool) {
      tools.add(tool);
      return this;
    }

    /**
     * Sets the form of the answer.
     *
     * @param format instead of plain text
     * @return this builder
     */
    public Builder responseFormat(ResponseFormat format) {
      responseFormat = format;
      return this;
    }

    /**
     * Sets the options.
     *
     * @param options instead of those set before
     * @return this builder
     */
    public Builder options(LmOptions options) {
      this.options = options;
      return this;
    }

    /**
     * Returns the request.
     *
     * @return an immutable request
     * @throws IllegalArgumentException if there is no message, or two tools share a name
     */
    public LmRequest build() {
      return new LmRequest(messages, tools, responseFormat, options);
    }
  }
}
