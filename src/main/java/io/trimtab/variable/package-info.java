/**
 * Variables: the small named knobs of a program, the domains their values live in, and where values
 * come from.
 *
 * <p>Start at {@link io.trimtab.variable.Variable}; a program reads through {@link
 * io.trimtab.variable.VariableSource}.
 */
@NullMarked
package io.trimtab.variable;

import org.jspecify.annotations.NullMarked;
