/** The support-ticket triage program that examples and tests share. */
@NullMarked
package io.trimtab.examples.triage;

import org.jspecify.annotations.NullMarked;
