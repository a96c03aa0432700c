/**
 * Where the values of variables live: the {@link io.trimtab.state.StateProvider} contract and
 * {@link io.trimtab.state.LocalState}, which keeps them in memory.
 *
 * <p>Applications usually work through a session, which adds configuration spaces and live
 * switching between providers; authors of providers start at {@link
 * io.trimtab.state.StateProvider}.
 */
@NullMarked
package io.trimtab.state;

import org.jspecify.annotations.NullMarked;
