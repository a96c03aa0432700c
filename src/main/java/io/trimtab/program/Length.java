package io.trimtab.program;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Bounds the characters of a text or the entries of a list in a record of a signature. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Length {
  /**
   * The least length.
   *
   * @return 0 or more; −1 does not bind
   */
  int min() default -1;

  /**
   * The greatest length.
   *
   * @return 0 or more; −1 does not bind
   */
  int max() default -1;
}
