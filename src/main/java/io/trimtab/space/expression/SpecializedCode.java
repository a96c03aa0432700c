package io.trimtab.space.expression;

import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * The template of which {@link WarmingCode} defines a copy for each expression in much use. Not
 * used as it stands.
 */
final class SpecializedCode implements BoolCode {
  /*
   * In a copy CODE is a constant, and so are, to the just-in-time compiler, the fields of every
   * lambda reachable from it. It therefore compiles the whole tree of closures into the straight
   * code one would have written by hand, whatever other expressions have made of the call sites in
   * the closures that all of them share.
   */

  private static final BoolCode CODE = ofThisCopy();

  private static BoolCode ofThisCopy() {
    try {
      return MethodHandles.classData(
          MethodHandles.lookup(), /* name= */ "_", BoolCode.class); // "_" by its contract
    } catch (IllegalAccessException e) {
      throw new AssertionError("a full lookup of its own class has access", e);
    }
  }

  @Override
  public boolean test(@Nullable Object[] slots) {
    return CODE.test(slots);
  }
}
