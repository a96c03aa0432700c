/**
 * The compliance kit: contracts that a state provider's test class implements to prove that it
 * keeps every promise of {@link io.trimtab.state.StateProvider}.
 *
 * <p>A test class names the contracts its provider keeps and says how to open one; it is the
 * provider's data sheet:
 *
 * <pre>{@code
 * final class LocalStateTest
 *     implements StateProviderContract, ExportContract, LeaseContract, DependencyContract, ConcurrencyContract,
 *         AtomicBatchContract, WatchContract {
 *   @Override public StateProvider open() {
 *     return LocalState.create();
 *   }
 * }
 * }</pre>
 *
 * <p>The first five are for every provider. The others belong to a {@link
 * io.trimtab.state.Capability}; a provider that declares one without its contract fails. Needs
 * JUnit Jupiter and AssertJ on the test classpath.
 */
@NullMarked
package io.trimtab.tck;

import org.jspecify.annotations.NullMarked;
