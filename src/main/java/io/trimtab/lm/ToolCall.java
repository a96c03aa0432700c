package io.trimtab.lm;

/**
 * The model's wish to have a tool called. Its arguments are the model's own text: they may be
 * invalid JSON, and checking them is the caller's task.
 *
 * @param id ties the {@link Message.ToolResult} to this call
 * @param name which {@link ToolSpec} is meant; it may be one that was never offered
 * @param arguments JSON text as the model wrote it, possibly empty
 */
public record ToolCall(String id, String name, String arguments) {

  /** Leaves the arguments out: they come from a prompt. */
  @Override
  public String toString() {
    return "%s(%d chars)".formatted(name, arguments.length());
  }
}
