/** The same service on one backend and on another, tested without either. */
@NullMarked
package io.trimtab.examples.backends;

import org.jspecify.annotations.NullMarked;
