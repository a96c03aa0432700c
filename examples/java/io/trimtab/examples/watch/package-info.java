/** Hearing of changes as they happen. */
@NullMarked
package io.trimtab.examples.watch;

import org.jspecify.annotations.NullMarked;
