package io.trimtab.lm;

/** What a {@link LanguageModel} can do beyond answering with plain text. */
public enum LmCapability {
  /** Delivers the first piece of a streamed answer before the last one exists. */
  STREAMING,
  /** Can be offered {@link ToolSpec}s and answer with {@link ToolCall}s. */
  TOOLS,
  /** Honours {@link ResponseFormat.JsonObject}. */
  JSON_OBJECT,
  /** Honours {@link ResponseFormat.JsonSchema}. */
  JSON_SCHEMA,
  /** Answers {@link LmOptions#n()} above one with that many completions. */
  MULTIPLE_COMPLETIONS
}
