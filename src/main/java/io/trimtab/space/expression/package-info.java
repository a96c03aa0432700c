/**
 * Rules between variables, written as text: a documented subset of the Common Expression Language.
 *
 * <p>{@link io.trimtab.space.expression.Expression#compile} checks a source against the declared
 * variables and answers with something that evaluates in nanoseconds over an array of values. The
 * syntax, the types and every difference from full CEL stand in {@code docs/constraints.md}.
 */
@NullMarked
package io.trimtab.space.expression;

import org.jspecify.annotations.NullMarked;
