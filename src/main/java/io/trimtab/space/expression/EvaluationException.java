package io.trimtab.space.expression;

import io.trimtab.TrimtabException;
import java.util.Objects;

/**
 * Says that an expression has no value for these values of its variables: an overflow, a division
 * by zero, a variable that is not there. A rule that ends so is not met.
 *
 * <p>It carries no stack trace: evaluation errors are part of the language, and {@code &&} and
 * {@code ||} absorb them.
 */
public final class EvaluationException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** Why there is no value. */
  public enum Reason {
    /** A variable was read that is inactive. */
    ABSENT_VARIABLE,

    /** An integer result does not fit 64 bits. */
    OVERFLOW,

    /** An integer was divided by zero, or the remainder by zero was asked. */
    DIVISION_BY_ZERO,

    /** A double that is not a number, or too large, was to become an integer. */
    OUT_OF_RANGE
  }

  private final transient Fault fault;
  private final transient Reason reason;

  EvaluationException(Fault fault) {
    super("");
    this.fault = Objects.requireNonNull(fault);
    this.reason = fault.reason();
  }

  /**
   * Returns why there is no value.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Returns what was evaluated where.
   *
   * @return a sentence and the line of the source with a caret, built when asked
   */
  @Override
  public String getMessage() {
    return fault == null ? String.valueOf(reason) : fault.message();
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // touches no state at all
  public Throwable fillInStackTrace() {
    return this;
  }
}
