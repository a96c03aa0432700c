package io.trimtab.space;

import org.jspecify.annotations.Nullable;

/**
 * The coordinates of one parameter in a box: the unit interval of a continuum, or the indices of
 * cells. Immutable.
 */
sealed interface CoverAxis {

  /** Finer cells have no exact index among the doubles. */
  long MOST_CELLS = 1L << 50;

  /** Larger integers have no exact double. */
  long LARGEST_INTEGER = 1L << 53;

  /** Returns the axis of a parameter, or null if doubles cannot count its values. */
  static @Nullable CoverAxis of(Parameter parameter) {
    Axis axis = parameter.axis();
    if (axis instanceof ContinuousAxis continuum) {
      return new Continuum(continuum);
    }
    if (axis.cells() > MOST_CELLS) {
      return null;
    }
    if (!(axis.valueAt(0) instanceof Number)) {
      return new Labels(axis);
    }
    boolean exact = exact(axis.valueAt(0)) && exact(axis.valueAt(axis.cells() - 1));
    return exact ? new Numbers(axis) : null;
  }

  private static boolean exact(Object value) {
    return !(value instanceof Long number) || Math.abs(number) < LARGEST_INTEGER;
  }

  /** The least coordinate. */
  double first();

  /** The greatest coordinate. */
  double last();

  /** Whether coordinates are indices. */
  boolean discrete();

  /** The number at a coordinate, never falling; the index itself for options. */
  double value(double coordinate);

  /** A number that no value from a coordinate on is less than. */
  default double least(double coordinate) {
    return value(coordinate);
  }

  /** A number that no value up to a coordinate is greater than. */
  default double greatest(double coordinate) {
    return value(coordinate);
  }

  /** A coordinate below which every value is less than v. */
  double down(double v);

  /** A coordinate above which every value is greater than v. */
  double up(double v);

  /** How likely the values of an interval are under the prior. */
  double mass(double from, double to);

  /** Where to divide an interval: the last coordinate of its lower part. */
  double middle(double from, double to);

  /** The first coordinate of the upper part. */
  double after(double middle);

  /** Draws a coordinate by the prior, given a uniform number in [0, 1). */
  double draw(double from, double to, double uniform);

  /** How much a value changes for a change of the coordinate where both change evenly, else 0. */
  default double stretch() {
    return 0;
  }

  /** How far from its own place a coordinate may be by rounding. */
  default double rounding() {
    return 0;
  }

  /** The canonical value at a coordinate. */
  Object boxed(double coordinate);

  /** A continuum: the coordinate is the prior's distribution function. */
  final class Continuum implements CoverAxis {
    /*
     * The end of a cut is looked for among the few doubles around where it is computed to be, so that the box holds
     * just what the rule allows; where doubles are denser than values, a margin is left outside instead. A prior's
     * quantile is monotonic only up to rounding: there the margin is always left.
     */

    private static final int STEPS = 8;

    private final ContinuousAxis axis;
    private final int steps;
    private final double margin;

    Continuum(ContinuousAxis axis) {
      this.axis = axis;
      this.margin = axis.rounding();
      this.steps = axis.exact() ? STEPS : 0;
    }

    @Override
    public double first() {
      return 0;
    }

    @Override
    public double last() {
      return 1;
    }

    @Override
    public boolean discrete() {
      return false;
    }

    @Override
    public double value(double coordinate) {
      return axis.at(coordinate);
    }

    @Override
    public double least(double coordinate) {
      return steps > 0 ? axis.at(coordinate) : axis.at(Math.max(0, coordinate - margin));
    }

    @Override
    public double greatest(double coordinate) {
      return steps > 0 ? axis.at(coordinate) : axis.at(Math.min(1, coordinate + margin));
    }

    @Override
    public double down(double v) {
      if (v <= axis.at(0)) {
        return 0;
      }
      if (!(v <= axis.at(1))) {
        return Double.POSITIVE_INFINITY;
      }
      double u = axis.coordinate(v);
      for (int i = 0; i < steps && u > 0; i++) {
        if (axis.at(u) < v) {
          u = Math.nextUp(u);
        } else if (axis.at(Math.nextDown(u)) >= v) {
          u = Math.nextDown(u);
        } else {
          return u;
        }
      }
      double step = margin;
      u = axis.coordinate(v) - step;
      while (u > 0 && axis.at(u) > v) {
        step *= 2;
        u -= step;
      }
      return Math.max(0, u);
    }

    @Override
    public double up(double v) {
      if (v >= axis.at(1)) {
        return 1;
      }
      if (!(v >= axis.at(0))) {
        return Double.NEGATIVE_INFINITY;
      }
      double u = axis.coordinate(v);
      for (int i = 0; i < steps && u < 1; i++) {
        if (axis.at(u) > v) {
          u = Math.nextDown(u);
        } else if (axis.at(Math.nextUp(u)) <= v) {
          u = Math.nextUp(u);
        } else {
          return u;
        }
      }
      double step = margin;
      u = axis.coordinate(v) + step;
      while (u < 1 && axis.at(u) < v) {
        step *= 2;
        u += step;
      }
      return Math.min(1, u);
    }

    @Override
    public double mass(double from, double to) {
      return to - from;
    }

    @Override
    public double middle(double from, double to) {
      return from + (to - from) / 2;
    }

    @Override
    public double after(double middle) {
      return middle;
    }

    @Override
    public double draw(double from, double to, double uniform) {
      return from + uniform * (to - from);
    }

    @Override
    public double stretch() {
      return axis.stretch();
    }

    @Override
    public double rounding() {
      return margin;
    }

    @Override
    public Object boxed(double coordinate) {
      return axis.at(coordinate);
    }
  }

  /** Cells, addressed by their index. */
  abstract sealed class Cells implements CoverAxis {

    final Axis axis;
    final long count;

    Cells(Axis axis) {
      this.axis = axis;
      this.count = axis.cells();
    }

    @Override
    public double first() {
      return 0;
    }

    @Override
    public double last() {
      return count - 1.0;
    }

    @Override
    public boolean discrete() {
      return true;
    }

    @Override
    public double mass(double from, double to) {
      return axis.massBelow((long) to + 1) - axis.massBelow((long) from);
    }

    @Override
    public double middle(double from, double to) {
      return Math.floor(from + (to - from) / 2);
    }

    @Override
    public double after(double middle) {
      return middle + 1;
    }

    @Override
    public double draw(double from, double to, double uniform) {
      if (from == to) {
        return from;
      }
      double low = axis.massBelow((long) from);
      double high = axis.massBelow((long) to + 1);
      return Math.max(from, Math.min(to, (double) axis.cellAt(low + uniform * (high - low))));
    }

    @Override
    public Object boxed(double coordinate) {
      return axis.valueAt((long) coordinate);
    }
  }

  /** Numbers on a grid. */
  final class Numbers extends Cells {
    /*
     * Short grids are looked up in a table. Longer ones are evenly spaced but for rounding, so that the place of a
     * number is computed and then corrected by the few cells it may be off.
     */

    private static final int TABLE = 4_096;

    private final double[] table;
    private final double least;
    private final double spacing;

    Numbers(Axis axis) {
      super(axis);
      table = new double[count <= TABLE ? (int) count : 0];
      for (int i = 0; i < table.length; i++) {
        table[i] = number(i);
      }
      least = number(0);
      spacing = count == 1 ? 1 : (number(count - 1) - least) / (count - 1);
    }

    private double number(long index) {
      return ((Number) axis.valueAt(index)).doubleValue();
    }

    private double at(long index) {
      return table.length > 0 ? table[(int) index] : number(index);
    }

    @Override
    public double value(double coordinate) {
      return at((long) coordinate);
    }

    @Override
    public double down(double v) {
      long index = place(v);
      while (index > 0 && at(index - 1) >= v) {
        index--;
      }
      while (index < count && at(index) < v) {
        index++;
      }
      return index;
    }

    @Override
    public double up(double v) {
      long index = place(v);
      while (index < count - 1 && at(index + 1) <= v) {
        index++;
      }
      while (index >= 0 && at(index) > v) {
        index--;
      }
      return index;
    }

    private long place(double v) {
      double steps = (v - least) / spacing;
      return (long) Math.max(0, Math.min((double) (count - 1), steps));
    }
  }

  /** Options and booleans; the number of an option is its index. */
  final class Labels extends Cells {

    Labels(Axis axis) {
      super(axis);
    }

    @Override
    public double value(double coordinate) {
      return coordinate;
    }

    @Override
    public double down(double v) {
      return Math.ceil(v);
    }

    @Override
    public double up(double v) {
      return Math.floor(v);
    }
  }
}
