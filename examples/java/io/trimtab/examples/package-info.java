/** Programs that show one idea each; start with {@code quickstart}. */
@NullMarked
package io.trimtab.examples;

import org.jspecify.annotations.NullMarked;
