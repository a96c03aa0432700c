/** README's program. */
@NullMarked
package io.trimtab.examples.readme;

import org.jspecify.annotations.NullMarked;
