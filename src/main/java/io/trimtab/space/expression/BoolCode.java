package io.trimtab.space.expression;

import org.jspecify.annotations.Nullable;

/** Computes a bool from the slots. */
@FunctionalInterface
interface BoolCode {
  boolean test(@Nullable Object[] slots);
}
