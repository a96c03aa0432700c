/**
 * One session of variables and configuration spaces over a replaceable state provider.
 *
 * <p>Start at {@link io.trimtab.session.Session}.
 */
@NullMarked
package io.trimtab.session;

import org.jspecify.annotations.NullMarked;
