package io.trimtab.space.expression;

import org.jspecify.annotations.Nullable;

/** Computes an int of the language, a Java long, from the slots. */
@FunctionalInterface
interface LongCode {
  long value(@Nullable Object[] slots);
}
