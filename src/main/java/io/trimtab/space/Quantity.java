package io.trimtab.space;

import java.util.Arrays;
import java.util.Set;

/**
 * A numeric part of a rule and the interval its value lies in over a box. Mutable: a tree of them
 * belongs to one thread at a time, except for {@link #at}.
 */
abstract class Quantity {
  /*
   * Interval arithmetic over the floating-point operations themselves: rounding to nearest never reverses an order, so
   * the least and greatest results lie at the ends of the operands' intervals and no outward rounding is needed going
   * forward. Going backward, from a result to an operand, the inverse operation rounds differently: bounds are moved
   * outward by SLACK, relative to everything that took part. Integers are doubles here; beyond 2^53 an interval is
   * widened by a step each way, and where 64 bits may not suffice, the part may fail.
   */

  static final double LARGEST = 0x1p63;
  private static final double EXACT = 0x1p53;
  private static final double SLACK = 0x1p-50;

  double low;
  double high;

  /** Whether evaluating may end in an error somewhere in the box. */
  boolean mayFail;

  /** Whether the value may be NaN somewhere in the box. */
  boolean mayBeNan;

  /** What {@link #slope} found. */
  double slopeLow;

  double slopeHigh;

  /** Whether the values are integers. */
  final boolean integral;

  Quantity(boolean integral) {
    this.integral = integral;
  }

  /** Computes the interval from the box. */
  abstract void bound();

  /**
   * Cuts the box so that the value may lie between two numbers, given that it has one; false if it
   * cannot. The intervals must be up to date.
   */
  abstract boolean narrow(double least, double greatest);

  /** Computes the value at a point, one number per axis; only where nothing may fail. */
  abstract double at(double[] point);

  /**
   * Bounds the derivative along one place over the box; false if it is not known. The intervals
   * must be up to date.
   */
  boolean slope(int place) {
    return false;
  }

  /** How far a computed value may be from the true one; infinite if it is not known. */
  double error() {
    return Double.POSITIVE_INFINITY;
  }

  /** Whether another tree computes the same in the same way. */
  boolean same(Quantity other) {
    return this == other;
  }

  /** Gathers the places read; false if there is a part whose slope is never known. */
  boolean reads(Set<Integer> places) {
    return false;
  }

  final double magnitude() {
    return Math.max(Math.abs(low), Math.abs(high));
  }

  final boolean excludes(double least, double greatest) {
    return least > high || greatest < low;
  }

  final void set(double newLow, double newHigh, boolean fails, boolean nan) {
    low = newLow;
    high = newHigh;
    mayFail = fails;
    mayBeNan = nan;
    if (Double.isNaN(low) || Double.isNaN(high)) {
      low = Double.NEGATIVE_INFINITY;
      high = Double.POSITIVE_INFINITY;
      mayBeNan = true;
    }
    if (integral) {
      settleInteger();
    }
  }

  private void settleInteger() {
    if (low <= -EXACT || high >= EXACT) {
      low = Math.nextDown(low);
      high = Math.nextUp(high);
    }
    if (low <= -LARGEST || high >= LARGEST) {
      mayFail = true;
    }
  }

  /** How far an inverse operation on numbers of this size may be off. */
  static double slack(double a, double b) {
    return Math.max(Math.abs(a), Math.abs(b)) * SLACK + Double.MIN_VALUE;
  }

  /** A fixed number. */
  static final class Constant extends Quantity {
    private final double value;

    Constant(double value, boolean integral) {
      super(integral);
      this.value = value;
      set(value, value, false, false);
    }

    @Override
    void bound() {}

    @Override
    boolean narrow(double least, double greatest) {
      return !excludes(least, greatest);
    }

    double value() {
      return value;
    }

    @Override
    boolean slope(int place) {
      slopeLow = 0;
      slopeHigh = 0;
      return true;
    }

    @Override
    double error() {
      return 0;
    }

    @Override
    boolean same(Quantity other) {
      return other instanceof Constant that && value == that.value;
    }

    @Override
    boolean reads(Set<Integer> places) {
      return true;
    }

    @Override
    double at(double[] point) {
      return value;
    }
  }

  /** The value of a numeric parameter. */
  static final class Read extends Quantity {
    private final Span span;
    private final int place;

    Read(Span span, int place, boolean integral) {
      super(integral);
      this.span = span;
      this.place = place;
    }

    @Override
    void bound() {
      low = span.low;
      high = span.high;
      mayFail = span.maybeInactive;
    }

    @Override
    boolean narrow(double least, double greatest) {
      return span.cutTo(least, greatest);
    }

    @Override
    boolean slope(int along) {
      slopeLow = along == place ? 1 : 0;
      slopeHigh = slopeLow;
      return true;
    }

    @Override
    double error() {
      return 0;
    }

    @Override
    boolean same(Quantity other) {
      return other instanceof Read that && place == that.place;
    }

    @Override
    boolean reads(Set<Integer> places) {
      places.add(place);
      return true;
    }

    @Override
    double at(double[] point) {
      return point[place];
    }
  }

  /** A number looked up by the option of a parameter, such as the length of its text. */
  static final class Lookup extends Quantity {
    private final Span span;
    private final int place;
    private final double[] numbers;

    Lookup(Span span, int place, double[] numbers) {
      super(/* integral= */ true);
      this.span = span;
      this.place = place;
      this.numbers = numbers;
    }

    @Override
    void bound() {
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      for (int i = (int) span.from; i <= (int) span.to; i++) {
        least = Math.min(least, numbers[i]);
        greatest = Math.max(greatest, numbers[i]);
      }
      set(least, greatest, span.maybeInactive, false);
    }

    @Override
    boolean narrow(double least, double greatest) {
      return !excludes(least, greatest);
    }

    @Override
    double at(double[] point) {
      return numbers[(int) point[place]];
    }
  }

  /** {@code -x}. */
  static final class Negated extends Quantity {
    private final Quantity operand;

    Negated(Quantity operand) {
      super(operand.integral);
      this.operand = operand;
    }

    @Override
    void bound() {
      operand.bound();
      set(-operand.high, -operand.low, operand.mayFail, operand.mayBeNan);
    }

    @Override
    boolean narrow(double least, double greatest) {
      return !excludes(least, greatest) && operand.narrow(-greatest, -least);
    }

    @Override
    boolean slope(int place) {
      boolean known = operand.slope(place);
      slopeLow = -operand.slopeHigh;
      slopeHigh = -operand.slopeLow;
      return known;
    }

    @Override
    double error() {
      return operand.error();
    }

    @Override
    boolean same(Quantity other) {
      return other instanceof Negated that && operand.same(that.operand);
    }

    @Override
    boolean reads(Set<Integer> places) {
      return operand.reads(places);
    }

    @Override
    double at(double[] point) {
      return -operand.at(point);
    }
  }

  /** {@code a + b - c + ...}, added up from left to right as written. */
  static final class Sum extends Quantity {
    private final Quantity[] terms;
    private final boolean[] subtracted;

    Sum(Quantity[] terms, boolean[] subtracted) {
      super(terms[0].integral);
      this.terms = terms;
      this.subtracted = subtracted;
    }

    @Override
    void bound() {
      double least = 0;
      double greatest = 0;
      boolean fails = false;
      boolean nan = false;
      double extreme = 0;
      for (int i = 0; i < terms.length; i++) {
        Quantity term = terms[i];
        term.bound();
        double from = subtracted[i] ? -term.high : term.low;
        double to = subtracted[i] ? -term.low : term.high;
        least = i == 0 ? from : least + from;
        greatest = i == 0 ? to : greatest + to;
        extreme = Math.max(extreme, Math.max(-least, greatest));
        fails |= term.mayFail;
        nan |= term.mayBeNan;
      }
      boolean infinite = extreme == Double.POSITIVE_INFINITY && !integral;
      set(least, greatest, fails || (integral && extreme >= LARGEST), nan || infinite);
    }

    @Override
    boolean narrow(double least, double greatest) {
      if (excludes(least, greatest)) {
        return false;
      }
      double from = Math.max(least, low);
      double to = Math.min(greatest, high);
      if (Double.isInfinite(low) || Double.isInfinite(high)) {
        return true;
      }
      double slack = slack(low, high);
      for (Quantity term : terms) {
        slack = Math.max(slack, slack(term.low, term.high));
      }
      slack *= terms.length * terms.length;
      if (integral && slack < 0.25) {
        slack = 0; // exact
      }
      for (int i = 0; i < terms.length; i++) {
        Quantity term = terms[i];
        double termLow = subtracted[i] ? -term.high : term.low;
        double termHigh = subtracted[i] ? -term.low : term.high;
        double termFrom = from - (high - termHigh) - slack;
        double termTo = to - (low - termLow) + slack;
        boolean possible =
            (termFrom <= termLow && termTo >= termHigh)
                || (subtracted[i]
                    ? term.narrow(-termTo, -termFrom)
                    : term.narrow(termFrom, termTo));
        if (!possible) {
          return false;
        }
      }
      return true;
    }

    @Override
    boolean slope(int place) {
      slopeLow = 0;
      slopeHigh = 0;
      for (int i = 0; i < terms.length; i++) {
        if (!terms[i].slope(place)) {
          return false;
        }
        slopeLow += subtracted[i] ? -terms[i].slopeHigh : terms[i].slopeLow;
        slopeHigh += subtracted[i] ? -terms[i].slopeLow : terms[i].slopeHigh;
      }
      return true;
    }

    @Override
    double error() {
      double error = 0;
      double size = 0;
      for (Quantity term : terms) {
        error += term.error();
        size += term.magnitude();
      }
      return error + terms.length * SLACK * size;
    }

    @Override
    boolean same(Quantity other) {
      if (!(other instanceof Sum that) || !Arrays.equals(subtracted, that.subtracted)) {
        return false;
      }
      for (int i = 0; i < terms.length; i++) {
        if (!terms[i].same(that.terms[i])) {
          return false;
        }
      }
      return true;
    }

    @Override
    boolean reads(Set<Integer> places) {
      for (Quantity term : terms) {
        if (!term.reads(places)) {
          return false;
        }
      }
      return true;
    }

    @Override
    double at(double[] point) {
      double sum = subtracted[0] ? -terms[0].at(point) : terms[0].at(point);
      for (int i = 1; i < terms.length; i++) {
        double term = terms[i].at(point);
        sum = subtracted[i] ? sum - term : sum + term;
      }
      return sum;
    }
  }

  /** {@code a * b}. */
  static final class Product extends Quantity {
    private final Quantity left;
    private final Quantity right;

    Product(Quantity left, Quantity right) {
      super(left.integral);
      this.left = left;
      this.right = right;
    }

    @Override
    void bound() {
      left.bound();
      right.bound();
      double a = left.low * right.low;
      double b = left.low * right.high;
      double c = left.high * right.low;
      double d = left.high * right.high;
      double least = Math.min(Math.min(a, b), Math.min(c, d));
      double greatest = Math.max(Math.max(a, b), Math.max(c, d));
      set(least, greatest, left.mayFail || right.mayFail, left.mayBeNan || right.mayBeNan);
    }

    @Override
    boolean narrow(double least, double greatest) {
      if (excludes(least, greatest)) {
        return false;
      }
      double from = Math.max(least, low);
      double to = Math.min(greatest, high);
      return factor(left, right, from, to) && factor(right, left, from, to);
    }

    private static boolean factor(Quantity factor, Quantity other, double from, double to) {
      if (!(other.low > 0 || other.high < 0) || Double.isInfinite(from) || Double.isInfinite(to)) {
        return true;
      }
      double a = from / other.low;
      double b = from / other.high;
      double c = to / other.low;
      double d = to / other.high;
      double least = Math.min(Math.min(a, b), Math.min(c, d));
      double greatest = Math.max(Math.max(a, b), Math.max(c, d));
      // A product may have been rounded to nothing, or up to half the least double.
      double slack = slack(least, greatest) + slack(from, to) / Math.min(magnitude(other), 1);
      return factor.narrow(least - slack, greatest + slack);
    }

    private static double magnitude(Quantity other) {
      return Math.max(Double.MIN_NORMAL, Math.min(Math.abs(other.low), Math.abs(other.high)));
    }

    @Override
    boolean slope(int place) {
      if (!left.slope(place) || !right.slope(place)) {
        return false;
      }
      slopeLow = least(left, right) + least(right, left);
      slopeHigh = greatest(left, right) + greatest(right, left);
      return true;
    }

    private static double least(Quantity value, Quantity slope) {
      return Math.min(
          Math.min(value.low * slope.slopeLow, value.low * slope.slopeHigh),
          Math.min(value.high * slope.slopeLow, value.high * slope.slopeHigh));
    }

    private static double greatest(Quantity value, Quantity slope) {
      return Math.max(
          Math.max(value.low * slope.slopeLow, value.low * slope.slopeHigh),
          Math.max(value.high * slope.slopeLow, value.high * slope.slopeHigh));
    }

    @Override
    double error() {
      double a = left.magnitude();
      double b = right.magnitude();
      return a * right.error() + b * left.error() + left.error() * right.error() + SLACK * a * b;
    }

    @Override
    boolean same(Quantity other) {
      return other instanceof Product that && left.same(that.left) && right.same(that.right);
    }

    @Override
    boolean reads(Set<Integer> places) {
      return left.reads(places) && right.reads(places);
    }

    @Override
    double at(double[] point) {
      return left.at(point) * right.at(point);
    }
  }

  /** {@code a / b}; of integers rounded toward zero. */
  static final class Quotient extends Quantity {
    private final Quantity left;
    private final Quantity right;

    Quotient(Quantity left, Quantity right) {
      super(left.integral);
      this.left = left;
      this.right = right;
    }

    @Override
    void bound() {
      left.bound();
      right.bound();
      boolean fails = left.mayFail || right.mayFail;
      boolean nan = left.mayBeNan || right.mayBeNan;
      if (right.low > 0 || right.high < 0) {
        double a = left.low / right.low;
        double b = left.low / right.high;
        double c = left.high / right.low;
        double d = left.high / right.high;
        double least = Math.min(Math.min(a, b), Math.min(c, d));
        double greatest = Math.max(Math.max(a, b), Math.max(c, d));
        if (integral) {
          set(truncated(least), truncated(greatest), fails, nan);
        } else {
          set(least, greatest, fails, nan);
        }
      } else if (integral) {
        double most = Math.max(Math.abs(left.low), Math.abs(left.high));
        set(-most, most, /* fails= */ true, nan);
      } else {
        set(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, fails, /* nan= */ true);
      }
    }

    @Override
    boolean narrow(double least, double greatest) {
      if (excludes(least, greatest)) {
        return false;
      }
      double from = Math.max(least, low) - (integral ? 1 : 0);
      double to = Math.min(greatest, high) + (integral ? 1 : 0);
      if (!(right.low > 0 || right.high < 0) || Double.isInfinite(from) || Double.isInfinite(to)) {
        return true;
      }
      double a = from * right.low;
      double b = from * right.high;
      double c = to * right.low;
      double d = to * right.high;
      double lowest = Math.min(Math.min(a, b), Math.min(c, d));
      double highest = Math.max(Math.max(a, b), Math.max(c, d));
      double slack = slack(lowest, highest) + Double.MIN_NORMAL;
      if (!left.narrow(lowest - slack, highest + slack)) {
        return false;
      }
      return integral || !(from > 0 || to < 0) || divisor(from, to);
    }

    private boolean divisor(double from, double to) {
      double a = left.low / from;
      double b = left.low / to;
      double c = left.high / from;
      double d = left.high / to;
      double lowest = Math.min(Math.min(a, b), Math.min(c, d));
      double highest = Math.max(Math.max(a, b), Math.max(c, d));
      if (Double.isInfinite(lowest) || Double.isInfinite(highest) || Double.isNaN(lowest)) {
        return true;
      }
      double slack = 2 * slack(lowest, highest) + Double.MIN_NORMAL;
      return right.narrow(lowest - slack, highest + slack);
    }

    @Override
    double at(double[] point) {
      double quotient = left.at(point) / right.at(point);
      return integral ? truncated(quotient) : quotient;
    }
  }

  static double truncated(double value) {
    return value < 0 ? Math.ceil(value) : Math.floor(value);
  }

  /** {@code a % b} of integers, with the sign of the dividend. */
  static final class Remainder extends Quantity {
    private final Quantity left;
    private final Quantity right;

    Remainder(Quantity left, Quantity right) {
      super(/* integral= */ true);
      this.left = left;
      this.right = right;
    }

    @Override
    void bound() {
      left.bound();
      right.bound();
      boolean fails = left.mayFail || right.mayFail || (right.low <= 0 && right.high >= 0);
      if (left.low == left.high && right.low == right.high && right.low != 0) {
        double value = left.low % right.low;
        set(value, value, fails, false);
        return;
      }
      double most =
          Math.min(
              Math.max(Math.abs(right.low), Math.abs(right.high)) - 1,
              Math.max(Math.abs(left.low), Math.abs(left.high)));
      set(left.low < 0 ? -most : 0, left.high > 0 ? most : 0, fails, false);
    }

    @Override
    boolean narrow(double least, double greatest) {
      return !excludes(least, greatest);
    }

    @Override
    double at(double[] point) {
      return left.at(point) % right.at(point);
    }
  }

  /** {@code abs(x)}. */
  static final class Magnitude extends Quantity {
    private final Quantity operand;

    Magnitude(Quantity operand) {
      super(operand.integral);
      this.operand = operand;
    }

    Quantity operand() {
      return operand;
    }

    @Override
    void bound() {
      operand.bound();
      double most = Math.max(Math.abs(operand.low), Math.abs(operand.high));
      double least =
          operand.low <= 0 && operand.high >= 0
              ? 0
              : Math.min(Math.abs(operand.low), Math.abs(operand.high));
      set(least, most, operand.mayFail, operand.mayBeNan);
    }

    @Override
    boolean narrow(double least, double greatest) {
      if (excludes(least, greatest)) {
        return false;
      }
      if (operand.low > -least) {
        return operand.narrow(least, greatest);
      }
      return operand.high < least
          ? operand.narrow(-greatest, -least)
          : operand.narrow(-greatest, greatest);
    }

    @Override
    double at(double[] point) {
      return Math.abs(operand.at(point));
    }
  }

  /** {@code min(a, b, ...)} or {@code max(a, b, ...)}. */
  static final class Extreme extends Quantity {
    private final Quantity[] operands;
    private final boolean greatestOf;

    Extreme(Quantity[] operands, boolean greatestOf) {
      super(operands[0].integral);
      this.operands = operands;
      this.greatestOf = greatestOf;
    }

    @Override
    void bound() {
      boolean fails = false;
      boolean nan = false;
      double least = greatestOf ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      double greatest = least;
      for (Quantity operand : operands) {
        operand.bound();
        least = greatestOf ? Math.max(least, operand.low) : Math.min(least, operand.low);
        greatest = greatestOf ? Math.max(greatest, operand.high) : Math.min(greatest, operand.high);
        fails |= operand.mayFail;
        nan |= operand.mayBeNan;
      }
      set(least, greatest, fails, nan);
    }

    @Override
    boolean narrow(double least, double greatest) {
      if (excludes(least, greatest)) {
        return false;
      }
      Quantity only = null;
      int able = 0;
      for (Quantity operand : operands) {
        boolean kept =
            greatestOf
                ? operand.narrow(Double.NEGATIVE_INFINITY, greatest)
                : operand.narrow(least, Double.POSITIVE_INFINITY);
        if (!kept) {
          return false;
        }
        if (greatestOf ? operand.high >= least : operand.low <= greatest) {
          only = operand;
          able++;
        }
      }
      return able > 1 || (only != null && only.narrow(least, greatest));
    }

    @Override
    double at(double[] point) {
      double extreme = operands[0].at(point);
      for (int i = 1; i < operands.length; i++) {
        double next = operands[i].at(point);
        extreme = greatestOf ? Math.max(extreme, next) : Math.min(extreme, next);
      }
      return extreme;
    }
  }

  /** {@code double(n)} or {@code int(d)}. */
  static final class Converted extends Quantity {
    private final Quantity operand;
    private final boolean truncates;

    Converted(Quantity operand, boolean integral) {
      super(integral);
      this.operand = operand;
      this.truncates = integral && !operand.integral;
    }

    @Override
    void bound() {
      operand.bound();
      boolean nan = operand.mayBeNan && !truncates;
      boolean fails = operand.mayFail || (operand.mayBeNan && truncates);
      if (truncates) {
        set(truncated(operand.low), truncated(operand.high), fails, nan);
      } else {
        set(operand.low, operand.high, fails, nan);
      }
    }

    @Override
    boolean narrow(double least, double greatest) {
      if (excludes(least, greatest)) {
        return false;
      }
      double slack = truncates ? 1 : 0;
      return operand.narrow(least - slack, greatest + slack);
    }

    @Override
    boolean slope(int place) {
      boolean known = !truncates && operand.slope(place);
      slopeLow = operand.slopeLow;
      slopeHigh = operand.slopeHigh;
      return known;
    }

    @Override
    double error() {
      return truncates ? Double.POSITIVE_INFINITY : operand.error();
    }

    @Override
    boolean same(Quantity other) {
      return other instanceof Converted that
          && truncates == that.truncates
          && integral == that.integral
          && operand.same(that.operand);
    }

    @Override
    boolean reads(Set<Integer> places) {
      return !truncates && operand.reads(places);
    }

    @Override
    double at(double[] point) {
      double value = operand.at(point);
      return truncates ? truncated(value) : value;
    }
  }

  /** {@code test ? yes : no} of numbers. */
  static final class Chosen extends Quantity {
    private final Truth test;
    private final Quantity yes;
    private final Quantity no;

    Chosen(Truth test, Quantity yes, Quantity no) {
      super(yes.integral);
      this.test = test;
      this.yes = yes;
      this.no = no;
    }

    @Override
    void bound() {
      test.bound();
      yes.bound();
      no.bound();
      boolean fails = (test.outcomes & Truth.ERROR) != 0;
      boolean nan = false;
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      if ((test.outcomes & Truth.TRUE) != 0) {
        least = yes.low;
        greatest = yes.high;
        fails |= yes.mayFail;
        nan |= yes.mayBeNan;
      }
      if ((test.outcomes & Truth.FALSE) != 0) {
        least = Math.min(least, no.low);
        greatest = Math.max(greatest, no.high);
        fails |= no.mayFail;
        nan |= no.mayBeNan;
      }
      set(least, greatest, fails, nan);
    }

    @Override
    boolean narrow(double least, double greatest) {
      boolean canYes = (test.outcomes & Truth.TRUE) != 0 && !yes.excludes(least, greatest);
      boolean canNo = (test.outcomes & Truth.FALSE) != 0 && !no.excludes(least, greatest);
      if (canYes && canNo) {
        return true;
      }
      return canYes
          ? test.require(true) && yes.narrow(least, greatest)
          : canNo && test.require(false) && no.narrow(least, greatest);
    }

    @Override
    double at(double[] point) {
      return test.at(point) ? yes.at(point) : no.at(point);
    }
  }
}
