package io.trimtab.program;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Bounds a number in a record of a signature; an element that is left out does not bind. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
  /**
   * The value is above this.
   *
   * @return the bound
   */
  double gt() default Double.NaN;

  /**
   * The value is not below this.
   *
   * @return the bound
   */
  double ge() default Double.NaN;

  /**
   * The value is below this.
   *
   * @return the bound
   */
  double lt() default Double.NaN;

  /**
   * The value is not above this.
   *
   * @return the bound
   */
  double le() default Double.NaN;

  /**
   * The value is an integer times this.
   *
   * @return the factor, above 0
   */
  double multipleOf() default Double.NaN;
}
