package io.trimtab.program;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says what a record component means, or, on the record of a signature's outputs, what the whole
 * signature asks for.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.TYPE})
public @interface Description {
  /**
   * The text shown to the model.
   *
   * @return the description of a component, or the instructions of a signature
   */
  String value();
}
