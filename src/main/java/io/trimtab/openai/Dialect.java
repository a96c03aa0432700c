package io.trimtab.openai;

import org.jspecify.annotations.Nullable;

/**
 * The flavour of the protocol a server speaks.
 *
 * @param maxTokensField how the limit of tokens is called; null to go by the model's name
 * @param systemRole the role of system messages: {@code system} or {@code developer}
 * @param emptyContent how missing text is sent
 * @param streamUsage whether a stream is asked for its usage, which some servers refuse
 * @param dropUnsupported whether to resend without a sampling option the server does not support
 * @param thinkTags whether {@code <think>…</think>} at the start of a text is reasoning
 * @param replayReasoning whether an assistant's reasoning is sent back with its message
 */
record Dialect(
    @Nullable MaxTokensField maxTokensField,
    String systemRole,
    EmptyContent emptyContent,
    boolean streamUsage,
    boolean dropUnsupported,
    boolean thinkTags,
    boolean replayReasoning) {}
