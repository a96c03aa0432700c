package io.trimtab.program;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Limits a text in a record of a signature to a few values, as Python's {@code Literal} does. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OneOf {
  /**
   * The texts allowed.
   *
   * @return at least one, distinct
   */
  String[] value();
}
