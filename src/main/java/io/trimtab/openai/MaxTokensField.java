package io.trimtab.openai;

/**
 * Under which name a limit of tokens is sent: reasoning models refuse the one, many local servers
 * ignore the other.
 */
public enum MaxTokensField {
  /** {@code max_tokens}, which nearly every server knows. */
  MAX_TOKENS("max_tokens"),
  /** {@code max_completion_tokens}, which OpenAI's reasoning models insist on. */
  MAX_COMPLETION_TOKENS("max_completion_tokens");

  private final String field;

  MaxTokensField(String field) {
    this.field = field;
  }

  String field() {
    return field;
  }

  MaxTokensField other() {
    return this == MAX_TOKENS ? MAX_COMPLETION_TOKENS : MAX_TOKENS;
  }

  /** Guesses from a model's name: OpenAI's reasoning families want the newer field. */
  static MaxTokensField forModel(String model) {
    String name = model.substring(model.lastIndexOf('/') + 1); // gateways prefix the vendor
    return name.matches("o[1-9](-.*)?|gpt-5.*") ? MAX_COMPLETION_TOKENS : MAX_TOKENS;
  }
}
