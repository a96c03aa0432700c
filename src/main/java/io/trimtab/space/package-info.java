/**
 * Configuration spaces: what may vary in a program, under which rules, and how to draw from it.
 *
 * <p>Start at {@link io.trimtab.space.ConfigurationSpace}; a point of a space is a {@link
 * io.trimtab.space.Configuration}. The rules between parameters are written as {@link
 * io.trimtab.space.expression.Expression expressions}.
 */
@NullMarked
package io.trimtab.space;

import org.jspecify.annotations.NullMarked;
