package io.trimtab.space.expression;

import org.jspecify.annotations.Nullable;

/** Finds a string in the slots. */
@FunctionalInterface
interface StringCode {
  String value(@Nullable Object[] slots);
}
