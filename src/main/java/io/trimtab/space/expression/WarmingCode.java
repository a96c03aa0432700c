package io.trimtab.space.expression;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Counts evaluations until a copy of the code made for this expression alone would pay. */
final class WarmingCode implements BoolCode {
  /*
   * The copy is a hidden class: a few kilobytes and a fraction of a millisecond, so rules that are
   * only checked now and then never get one. It goes when its expression goes. Where classes cannot
   * be defined or their files are not at hand, as in a native image, the closures stay in use.
   *
   * The count is not synchronized. Threads that race make two equal copies, of which one wins.
   */

  /** The evaluations after which it pays. */
  static final int ENOUGH = 2_000;

  private final BoolCode code;
  private final Consumer<BoolCode> successor;
  private int evaluations;

  /**
   * @param code the closures
   * @param successor told once or a few times which code to use from now on
   */
  WarmingCode(BoolCode code, Consumer<BoolCode> successor) {
    this.code = code;
    this.successor = successor;
  }

  @Override
  public boolean test(@Nullable Object[] slots) {
    if (++evaluations >= ENOUGH) {
      successor.accept(specialized(code));
    }
    return code.test(slots);
  }

  /** Returns code that does the same in a class of its own, or the given code if that fails. */
  static BoolCode specialized(BoolCode code) {
    String file = SpecializedCode.class.getSimpleName() + ".class";
    try (InputStream template = SpecializedCode.class.getResourceAsStream(file)) {
      if (template == null) {
        return code;
      }
      Class<?> copy =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(template.readAllBytes(), code, /* initialize= */ true)
              .lookupClass();
      return (BoolCode) copy.getDeclaredConstructor().newInstance();
    } catch (IOException e) {
      return code;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the template has a constructor that cannot fail", e);
    }
  }
}
