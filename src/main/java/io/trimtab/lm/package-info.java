/**
 * Asking a language model, and staying well when it is not.
 *
 * <p>{@link io.trimtab.lm.LanguageModel} is one request in, one response out, blocking,
 * asynchronous or streamed. {@link io.trimtab.lm.LmException} is the root of everything that can go
 * wrong, one type per decision a caller can take. Every wrapper in this package is itself a
 * language model.
 */
@NullMarked
package io.trimtab.lm;

import org.jspecify.annotations.NullMarked;
