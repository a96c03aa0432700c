/**
 * Programs that ask a language model: {@link io.trimtab.program.Signature} says what goes in and
 * out, {@link io.trimtab.program.Predict} and its kin do the asking, and every parameter of a
 * program may follow a variable of the {@link io.trimtab.variable.VariableSource} it is run with.
 */
@NullMarked
package io.trimtab.program;

import org.jspecify.annotations.NullMarked;
