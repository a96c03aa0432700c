/** The whole way: a space, a session, a study on real tickets, the best configuration applied. */
@NullMarked
package io.trimtab.examples.quickstart;

import org.jspecify.annotations.NullMarked;
