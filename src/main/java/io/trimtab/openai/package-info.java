/**
 * Asks any server that speaks OpenAI's chat-completions protocol: OpenAI, Azure, Ollama, vLLM,
 * llama.cpp, LM Studio, Groq, OpenRouter and the like.
 *
 * <p>{@link io.trimtab.openai.OpenAiModel} is the language model; {@link
 * io.trimtab.openai.Transport} is where another HTTP client can be put in place of the JDK's.
 */
@NullMarked
package io.trimtab.openai;

import org.jspecify.annotations.NullMarked;
