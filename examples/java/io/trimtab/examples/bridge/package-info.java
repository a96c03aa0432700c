/** Programs in Python, tuned from Java. */
@NullMarked
package io.trimtab.examples.bridge;

import org.jspecify.annotations.NullMarked;
