/** A client that stays quick while its server breaks down and recovers. */
@NullMarked
package io.trimtab.examples.resilience;

import org.jspecify.annotations.NullMarked;
