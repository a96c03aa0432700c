package io.trimtab.openai;

/**
 * How the missing text of an assistant's message that only calls tools is sent: servers disagree.
 */
public enum EmptyContent {
  /** {@code "content": null}, as OpenAI documents it. */
  NULL,
  /** {@code "content": ""}. */
  EMPTY_STRING,
  /** No {@code content} at all. */
  OMITTED
}
