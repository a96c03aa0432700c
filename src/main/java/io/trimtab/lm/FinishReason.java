package io.trimtab.lm;

/** Why a completion ends where it ends. */
public enum FinishReason {
  /** The model had said everything, or met a stop text. */
  STOP,
  /** The limit of tokens was reached: the text is cut off. */
  LENGTH,
  /** The model waits for the results of tools. */
  TOOL_CALLS,
  /** The provider withheld part of the text. */
  CONTENT_FILTER,
  /** The provider gave no reason, or one that is not known here. */
  UNKNOWN
}
