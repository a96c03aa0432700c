/** Words every part of Trimtab shares; see {@link io.trimtab.TrimtabException}. */
@NullMarked
package io.trimtab;

import org.jspecify.annotations.NullMarked;
