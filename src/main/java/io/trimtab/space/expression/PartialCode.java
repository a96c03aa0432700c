package io.trimtab.space.expression;

import org.jspecify.annotations.Nullable;

/** Says what is certain while some slots hold {@link Expression#UNASSIGNED}. */
@FunctionalInterface
interface PartialCode {
  Outcome test(@Nullable Object[] slots);
}
