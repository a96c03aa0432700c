/**
 * Searching a configuration space for the best configuration: ask, evaluate, tell, apply the best.
 *
 * <p>Start at {@link io.trimtab.study.Study}.
 */
@NullMarked
package io.trimtab.study;

import org.jspecify.annotations.NullMarked;
