package io.trimtab.space;

import io.trimtab.space.expression.Node.ComparisonOperator;
import io.trimtab.space.expression.Outcome;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A boolean part of a rule and what it may come out as over a box. Mutable: a tree of them belongs
 * to one thread at a time, except for {@link #at}.
 */
abstract class Truth {

  static final int TRUE = 1;
  static final int FALSE = 2;
  static final int ERROR = 4;

  /** The set of possible outcomes: some of {@link #TRUE}, {@link #FALSE} and {@link #ERROR}. */
  int outcomes;

  /** Computes the outcomes from the box. */
  abstract void bound();

  /**
   * Cuts the box so that the outcome may be this one; false if it cannot. The outcomes must be up
   * to date.
   */
  abstract boolean require(boolean wanted);

  /** Evaluates at a point, one number per axis; only where nothing may fail. */
  abstract boolean at(double[] point);

  final boolean can(boolean wanted) {
    return (outcomes & of(wanted)) != 0;
  }

  static int of(boolean value) {
    return value ? TRUE : FALSE;
  }

  static int of(Outcome outcome) {
    return switch (outcome) {
      case TRUE -> TRUE;
      case FALSE -> FALSE;
      case ERROR -> ERROR;
      case UNKNOWN -> TRUE | FALSE | ERROR;
    };
  }

  /** A fixed value. */
  static final class Fixed extends Truth {
    private final boolean value;

    Fixed(boolean value) {
      this.value = value;
      this.outcomes = of(value);
    }

    @Override
    void bound() {}

    @Override
    boolean require(boolean wanted) {
      return wanted == value;
    }

    @Override
    boolean at(double[] point) {
      return value;
    }
  }

  /** Whether a parameter is active; at a point, an inactive one is NaN. */
  static final class Presence extends Truth {
    private final Span span;
    private final int place;

    Presence(Span span, int place) {
      this.span = span;
      this.place = place;
    }

    @Override
    void bound() {
      outcomes = (span.maybeActive ? TRUE : 0) | (span.maybeInactive ? FALSE : 0);
    }

    @Override
    boolean require(boolean wanted) {
      return can(wanted);
    }

    @Override
    boolean at(double[] point) {
      return !Double.isNaN(point[place]);
    }
  }

  /** Any question about one discrete parameter, answered beforehand for each of its cells. */
  static final class Table extends Truth {
    private final Span span;
    private final int cellPlace;
    private final int whenInactive;
    private final byte[] answers;
    private final int[][] next = new int[2][];
    private final int[][] previous = new int[2][];
    private final int[] errorsBefore;

    /**
     * @param cellPlace where a point holds the index of the cell
     * @param answers an outcome for each cell
     * @param whenInactive the outcome when the parameter is inactive
     */
    Table(Span span, int cellPlace, byte[] answers, int whenInactive) {
      this.span = span;
      this.cellPlace = cellPlace;
      this.answers = answers;
      this.whenInactive = whenInactive;
      this.errorsBefore = new int[answers.length + 1];
      for (int i = 0; i < answers.length; i++) {
        errorsBefore[i + 1] = errorsBefore[i] + (answers[i] == ERROR ? 1 : 0);
      }
      for (int answer = 0; answer < 2; answer++) {
        next[answer] = new int[answers.length];
        previous[answer] = new int[answers.length];
        byte wanted = (byte) of(answer == 0);
        for (int i = answers.length - 1, seen = answers.length; i >= 0; i--) {
          seen = answers[i] == wanted ? i : seen;
          next[answer][i] = seen;
        }
        for (int i = 0, seen = -1; i < answers.length; i++) {
          seen = answers[i] == wanted ? i : seen;
          previous[answer][i] = seen;
        }
      }
    }

    @Override
    void bound() {
      int from = (int) span.from;
      int to = (int) span.to;
      outcomes =
          (next[0][from] <= to ? TRUE : 0)
              | (next[1][from] <= to ? FALSE : 0)
              | (errorsBefore[to + 1] > errorsBefore[from] ? ERROR : 0);
      if (span.maybeInactive) {
        outcomes = span.maybeActive ? outcomes | whenInactive : whenInactive;
      }
    }

    @Override
    boolean require(boolean wanted) {
      if (!can(wanted)) {
        return false;
      }
      if (!span.certainlyActive()) {
        return true;
      }
      int answer = wanted ? 0 : 1;
      double from = next[answer][(int) span.from];
      double to = previous[answer][(int) span.to];
      if (from > to) {
        return false; // another part of the rule has cut the span meanwhile
      }
      if (from > span.from || to < span.to) {
        span.set(from, to);
        span.cut = true;
      }
      return true;
    }

    @Override
    boolean at(double[] point) {
      double cell = point[cellPlace];
      return Double.isNaN(cell) ? whenInactive == TRUE : answers[(int) cell] == TRUE;
    }
  }

  /** {@code <}, {@code <=} or {@code ==} of two numbers. */
  static final class Comparison extends Truth {
    private final ComparisonOperator operator;
    private final Quantity left;
    private final Quantity right;
    private final boolean integral;

    Comparison(ComparisonOperator operator, Quantity left, Quantity right) {
      this.operator = operator;
      this.left = left;
      this.right = right;
      this.integral = left.integral && right.integral;
    }

    @Override
    void bound() {
      left.bound();
      right.bound();
      boolean yes;
      boolean no;
      switch (operator) {
        case LESS -> {
          yes = left.low < right.high;
          no = left.high >= right.low;
        }
        case LESS_OR_EQUAL -> {
          yes = left.low <= right.high;
          no = left.high > right.low;
        }
        default -> {
          yes = left.low <= right.high && right.low <= left.high;
          no = left.low != left.high || right.low != right.high || left.low != right.low;
        }
      }
      outcomes =
          (yes ? TRUE : 0)
              | (no || left.mayBeNan || right.mayBeNan ? FALSE : 0)
              | (left.mayFail || right.mayFail ? ERROR : 0);
    }

    @Override
    boolean require(boolean wanted) {
      if (!can(wanted)) {
        return false;
      }
      if (wanted) {
        return switch (operator) {
          case LESS -> before(left, right, /* strictly= */ true);
          case LESS_OR_EQUAL -> before(left, right, /* strictly= */ false);
          default -> left.narrow(right.low, right.high) && right.narrow(left.low, left.high);
        };
      }
      if (left.mayBeNan || right.mayBeNan) {
        return true; // a comparison with NaN is false as well
      }
      return switch (operator) {
        case LESS -> before(right, left, /* strictly= */ false);
        case LESS_OR_EQUAL -> before(right, left, /* strictly= */ true);
        default -> differ(left, right) && differ(right, left);
      };
    }

    boolean equality() {
      return operator == ComparisonOperator.EQUAL;
    }

    Quantity left() {
      return left;
    }

    Quantity right() {
      return right;
    }

    private boolean before(Quantity lesser, Quantity greater, boolean strictly) {
      double most = greater.high;
      double least = lesser.low;
      if (strictly && integral) {
        most -= 1;
        least += 1;
      } else if (strictly && lesser.integral == greater.integral) {
        most = Math.nextDown(most);
        least = Math.nextUp(least);
      }
      return (lesser.high <= most || lesser.narrow(Double.NEGATIVE_INFINITY, most))
          && (greater.low >= least || greater.narrow(least, Double.POSITIVE_INFINITY));
    }

    /** Cuts the end of an interval of integers that the other's only value forbids. */
    private boolean differ(Quantity one, Quantity other) {
      if (!integral || other.low != other.high) {
        return true;
      }
      if (one.low == other.low) {
        return one.narrow(one.low + 1, Double.POSITIVE_INFINITY);
      }
      return one.high != other.low || one.narrow(Double.NEGATIVE_INFINITY, one.high - 1);
    }

    @Override
    boolean at(double[] point) {
      double a = left.at(point);
      double b = right.at(point);
      return switch (operator) {
        case LESS -> a < b;
        case LESS_OR_EQUAL -> a <= b;
        default -> a == b;
      };
    }
  }

  /** {@code x in [a, b]} of a number computed from several parameters. */
  static final class Membership extends Truth {
    private final Quantity element;
    private final double[] options;

    /**
     * @param options ascending, exact
     */
    Membership(Quantity element, double[] options) {
      this.element = element;
      this.options = options;
    }

    @Override
    void bound() {
      element.bound();
      boolean yes = false;
      boolean no = element.low != element.high || element.mayBeNan;
      for (double option : options) {
        yes |= !element.excludes(option, option);
      }
      outcomes = (yes ? TRUE : 0) | (no || !yes ? FALSE : 0) | (element.mayFail ? ERROR : 0);
    }

    @Override
    boolean require(boolean wanted) {
      if (!wanted || !can(true)) {
        return can(wanted);
      }
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      for (double option : options) {
        if (!element.excludes(option, option)) {
          least = Math.min(least, option);
          greatest = option;
        }
      }
      return element.narrow(least, greatest);
    }

    @Override
    boolean at(double[] point) {
      double value = element.at(point);
      for (double option : options) {
        if (option == value) {
          return true;
        }
      }
      return false;
    }
  }

  /** {@code !x}. */
  static final class Not extends Truth {
    private final Truth operand;

    Not(Truth operand) {
      this.operand = operand;
    }

    Truth operand() {
      return operand;
    }

    @Override
    void bound() {
      operand.bound();
      outcomes =
          (operand.can(true) ? FALSE : 0)
              | (operand.can(false) ? TRUE : 0)
              | (operand.outcomes & ERROR);
    }

    @Override
    boolean require(boolean wanted) {
      return operand.require(!wanted);
    }

    @Override
    boolean at(double[] point) {
      return !operand.at(point);
    }
  }

  /** {@code a && b && ...} or {@code a || b || ...}. */
  static final class Junction extends Truth {
    private final Truth[] operands;

    /** The outcome of one operand that decides the whole: false for and, true for or. */
    private final boolean decider;

    Junction(Truth[] operands, boolean decider) {
      this.operands = operands;
      this.decider = decider;
    }

    @Override
    void bound() {
      boolean decided = false;
      boolean maybeDecided = false;
      boolean allNeutral = true;
      boolean mayFail = false;
      for (Truth operand : operands) {
        operand.bound();
        decided |= operand.outcomes == of(decider);
        maybeDecided |= operand.can(decider);
        allNeutral &= operand.can(!decider);
        mayFail |= (operand.outcomes & ERROR) != 0;
      }
      outcomes =
          decided
              ? of(decider)
              : (maybeDecided ? of(decider) : 0)
                  | (allNeutral ? of(!decider) : 0)
                  | (mayFail ? ERROR : 0);
    }

    @Override
    boolean require(boolean wanted) {
      if (!can(wanted)) {
        return false;
      }
      return wanted == decider ? requireOne() : requireAll();
    }

    /** Whether this outcome takes all operands to have it. */
    boolean needsAll(boolean wanted) {
      return wanted != decider;
    }

    /** Returns the operands, not to be written to. */
    Truth[] operands() {
      return operands;
    }

    private boolean requireAll() {
      for (Truth operand : operands) {
        if (operand.outcomes != of(!decider) && !operand.require(!decider)) {
          return false;
        }
      }
      return true;
    }

    private boolean requireOne() {
      Truth only = null;
      for (Truth operand : operands) {
        if (operand.can(decider)) {
          if (only != null) {
            return true;
          }
          only = operand;
        }
      }
      return only != null && only.require(decider);
    }

    @Override
    boolean at(double[] point) {
      for (Truth operand : operands) {
        if (operand.at(point) == decider) {
          return decider;
        }
      }
      return !decider;
    }
  }

  /** {@code test ? yes : no} of booleans. */
  static final class Chosen extends Truth {
    private final Truth test;
    private final Truth yes;
    private final Truth no;

    Chosen(Truth test, Truth yes, Truth no) {
      this.test = test;
      this.yes = yes;
      this.no = no;
    }

    @Override
    void bound() {
      test.bound();
      yes.bound();
      no.bound();
      outcomes =
          (test.can(true) ? yes.outcomes : 0)
              | (test.can(false) ? no.outcomes : 0)
              | (test.outcomes & ERROR);
    }

    @Override
    boolean require(boolean wanted) {
      boolean canYes = test.can(true) && yes.can(wanted);
      boolean canNo = test.can(false) && no.can(wanted);
      if (canYes && canNo) {
        return true;
      }
      return canYes
          ? test.require(true) && yes.require(wanted)
          : canNo && test.require(false) && no.require(wanted);
    }

    @Override
    boolean at(double[] point) {
      return test.at(point) ? yes.at(point) : no.at(point);
    }
  }

  /** A question that intervals cannot follow: known only where all its parameters are fixed. */
  static final class Opaque extends Truth {
    private final Function<@Nullable Object[], Outcome> question;
    private final int[] slots;
    private final Span[] spans;
    private final @Nullable Object[] values;

    /**
     * @param spans of the slots the question mentions
     * @param slotCount how many slots a configuration has
     */
    Opaque(
        Function<@Nullable Object[], Outcome> question, int[] slots, Span[] spans, int slotCount) {
      this.question = question;
      this.slots = slots;
      this.spans = spans;
      this.values = new @Nullable Object[slotCount];
    }

    @Override
    void bound() {
      for (int i = 0; i < slots.length; i++) {
        Span span = spans[i];
        if (span.from != span.to || (span.maybeActive && span.maybeInactive)) {
          outcomes = TRUE | FALSE | ERROR;
          return;
        }
        values[slots[i]] = span.maybeActive ? span.axis.boxed(span.from) : null;
      }
      outcomes = of(question.apply(values));
    }

    @Override
    boolean require(boolean wanted) {
      return can(wanted);
    }

    @Override
    boolean at(double[] point) {
      throw new AssertionError("a question that may fail is not asked at a point");
    }
  }
}
