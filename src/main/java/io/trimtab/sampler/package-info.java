/**
 * Which configuration to try next: {@link io.trimtab.sampler.Sampler} and its implementations.
 *
 * <p>Samplers know a space and what was observed so far, nothing else; a study drives them.
 */
@NullMarked
package io.trimtab.sampler;

import org.jspecify.annotations.NullMarked;
