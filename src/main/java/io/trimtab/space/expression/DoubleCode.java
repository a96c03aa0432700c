package io.trimtab.space.expression;

import org.jspecify.annotations.Nullable;

/** Computes a double from the slots. */
@FunctionalInterface
interface DoubleCode {
  double value(@Nullable Object[] slots);
}
