package io.trimtab.lm;

/** Guesses how many tokens a call will take before it is made. */
final class TokenEstimate {

  private static final int CHARACTERS_PER_TOKEN = 4; // the usual rule of thumb for English
  private static final int USUAL_ANSWER = 256;

  private TokenEstimate() {}

  static long of(LmRequest request) {
    long characters = 0;
    for (Message message : request.messages()) {
      characters += message.text().length();
    }
    for (ToolSpec tool : request.tools()) {
      characters += tool.description().length();
    }
    Integer max = request.options().maxTokens();
    Integer n = request.options().n();
    long answer = max == null ? USUAL_ANSWER : max;
    return characters / CHARACTERS_PER_TOKEN + answer * (n == null ? 1 : n);
  }
}
