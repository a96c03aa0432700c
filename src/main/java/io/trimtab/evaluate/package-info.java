/**
 * How good a program is: a {@link io.trimtab.evaluate.Dataset} of labelled examples, a {@link
 * io.trimtab.evaluate.Metric} that judges an answer, and an {@link io.trimtab.evaluate.Evaluator}
 * that runs a program over all of it.
 */
@NullMarked
package io.trimtab.evaluate;

import org.jspecify.annotations.NullMarked;
