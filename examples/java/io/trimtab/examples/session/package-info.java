/** Tours of sessions and of studies, quoted in the documentation. */
@NullMarked
package io.trimtab.examples.session;

import org.jspecify.annotations.NullMarked;
