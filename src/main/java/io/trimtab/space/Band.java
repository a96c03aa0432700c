package io.trimtab.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A quantity that rules keep between two numbers wherever they hold. Immutable but for its tree.
 */
final class Band {
  /*
   * A thin band is what boxes cover badly: a surface has no volume. But where the quantity rises or falls steadily with
   * one parameter, its pivot, each line along the pivot meets the band in one short interval, whose length the slope
   * bounds. A box is then drawn from as a prism over its other parameters, as high as the longest such interval: the
   * other parameters first, then the line is kept with the probability (its interval / the longest one), then a point
   * of the interval. That is even over the band, and most points are valid.
   *
   * Rounding: a computed quantity is within error() of the true one, which is monotonic along the pivot. Ends are looked
   * for two errors outside the band, so that no valid point is beyond them.
   */

  private static final int STEPS = 200;
  private static final double SLOPPY = 0.004;

  private final Quantity quantity;
  private final double least;
  private final double greatest;
  private final int[] places;

  private Band(Quantity quantity, double least, double greatest, int[] places) {
    this.quantity = quantity;
    this.least = least;
    this.greatest = greatest;
    this.places = places;
  }

  /** Returns the places of the parameters it depends on, not to be written to. */
  int[] places() {
    return places;
  }

  /** One side of a band, as a rule states it. */
  private record Side(Quantity quantity, double least, double greatest) {}

  /** Finds the quantities that some clauses bound on both sides. */
  static List<Band> in(Clause[] clauses) {
    List<Side> sides = new ArrayList<>();
    for (Clause clause : clauses) {
      if (clause.truth != null && clause.plain && clause.required.length == 0) {
        gather(clause.truth, clause.wanted, sides);
      }
    }
    List<Band> bands = new ArrayList<>();
    List<Side> open = sides;
    while (!open.isEmpty()) {
      Side first = open.get(0);
      double least = first.least();
      double greatest = first.greatest();
      List<Side> others = new ArrayList<>();
      for (Side side : open.subList(1, open.size())) {
        if (first.quantity().same(side.quantity())) {
          least = Math.max(least, side.least());
          greatest = Math.min(greatest, side.greatest());
        } else {
          others.add(side);
        }
      }
      open = others;
      Set<Integer> places = new TreeSet<>();
      if (least < greatest
          && !Double.isInfinite(least)
          && !Double.isInfinite(greatest)
          && first.quantity().reads(places)) {
        int[] read = places.stream().mapToInt(Integer::intValue).toArray();
        bands.add(new Band(first.quantity(), least, greatest, read));
      }
    }
    return bands;
  }

  private static void gather(Truth truth, boolean wanted, List<Side> sides) {
    if (truth instanceof Truth.Not not) {
      gather(not.operand(), !wanted, sides);
    } else if (truth instanceof Truth.Junction junction && junction.needsAll(wanted)) {
      for (Truth operand : junction.operands()) {
        gather(operand, wanted, sides);
      }
    } else if (truth instanceof Truth.Comparison comparison && !comparison.equality()) {
      // Whether an end itself belongs to the band does not matter: points are judged afterwards.
      Quantity lesser = wanted ? comparison.left() : comparison.right();
      Quantity greater = wanted ? comparison.right() : comparison.left();
      if (greater instanceof Quantity.Constant bound) {
        add(lesser, Double.NEGATIVE_INFINITY, bound.value(), sides);
      } else if (lesser instanceof Quantity.Constant bound) {
        add(greater, bound.value(), Double.POSITIVE_INFINITY, sides);
      }
    }
  }

  private static void add(Quantity quantity, double least, double greatest, List<Side> sides) {
    if (quantity instanceof Quantity.Magnitude magnitude) {
      if (!Double.isInfinite(greatest)) {
        sides.add(new Side(magnitude.operand(), -greatest, greatest));
      }
    } else {
      sides.add(new Side(quantity, least, greatest));
    }
  }

  /** A parameter along which a box is a prism. */
  record Prism(Band band, int pivot, boolean rising, double error, double longest) {}

  /** Finds the flattest prism of a box, whose spans are set; null if none is much flatter. */
  static @Nullable Prism prism(List<Band> bands, Span[] spans) {
    Prism best = null;
    double flattest = 0.5;
    for (Band band : bands) {
      band.quantity.bound();
      double error = band.quantity.error();
      for (int pivot : band.places) {
        Span span = spans[pivot];
        double stretch = span.axis.stretch();
        if (!(stretch > 0) || !(span.from < span.to) || !band.quantity.slope(pivot)) {
          continue;
        }
        double low = band.quantity.slopeLow;
        double high = band.quantity.slopeHigh;
        double steepness = low > 0 ? low : high < 0 ? -high : 0;
        if (steepness > 0 && error < Double.POSITIVE_INFINITY) {
          double length = (band.greatest - band.least + 6 * error) / (steepness * stretch);
          double longest = length * 1.01 + 2 * span.axis.rounding();
          if (longest < flattest * (span.to - span.from)) {
            flattest = longest / (span.to - span.from);
            best = new Prism(band, pivot, low > 0, error, longest);
          }
        }
      }
    }
    return best;
  }

  /**
   * Draws the pivot of a point whose other places are drawn; false if the line is not kept.
   *
   * @param keep uniform in [0, 1)
   * @param uniform uniform in [0, 1), independent
   */
  boolean draw(
      PointJudge judge,
      double[] point,
      Prism prism,
      double from,
      double to,
      double keep,
      double uniform) {
    double low = least - 2 * prism.error();
    double high = greatest + 2 * prism.error();
    // Along a falling quantity the band is entered at its greatest value.
    double enter = prism.rising() ? low : -high;
    double leave = prism.rising() ? high : -low;
    double start = below(judge, point, prism, from, to, enter);
    double end = above(judge, point, prism, from, to, leave);
    if (!(start <= end) || keep * prism.longest() >= end - start) {
      return false;
    }
    judge.put(point, prism.pivot(), start + uniform * (end - start));
    return true;
  }

  private double at(PointJudge judge, double[] point, Prism prism, double coordinate) {
    judge.put(point, prism.pivot(), coordinate);
    double value = quantity.at(point);
    return prism.rising() ? value : -value;
  }

  /** A coordinate below which the quantity is less than a bound; beyond the box if all of it is. */
  private double below(
      PointJudge judge, double[] point, Prism prism, double from, double to, double bound) {
    double left = at(judge, point, prism, from) - bound;
    if (left >= 0) {
      return from;
    }
    double right = at(judge, point, prism, to) - bound;
    if (right < 0) {
      return Double.POSITIVE_INFINITY;
    }
    return bracket(judge, point, prism, from, left, to, right, bound)[0];
  }

  /** A coordinate above which the quantity is greater than a bound; before the box if all is. */
  private double above(
      PointJudge judge, double[] point, Prism prism, double from, double to, double bound) {
    double right = at(judge, point, prism, to) - bound;
    if (right <= 0) {
      return to;
    }
    double left = at(judge, point, prism, from) - bound;
    if (left > 0) {
      return Double.NEGATIVE_INFINITY;
    }
    return bracket(judge, point, prism, from, left, to, right, bound)[1];
  }

  /** Closes in on a root from both sides: the secant, with a bisection where it is slow. */
  private double[] bracket(
      PointJudge judge,
      double[] point,
      Prism prism,
      double from,
      double valueAtFrom,
      double to,
      double valueAtTo,
      double bound) {
    double a = from;
    double b = to;
    double fa = valueAtFrom;
    double fb = valueAtTo;
    double close = SLOPPY / 2 * prism.longest();
    for (int i = 0; i < STEPS && b - a > close; i++) {
      double guess = i % 3 == 2 ? a + (b - a) / 2 : a - fa * (b - a) / (fb - fa);
      // Stepping a little past the root brings the far side near, too.
      double aside = i % 3 == 2 ? 0 : (i % 3 == 0 ? close : -close) / 2;
      double c = Math.max(Math.nextUp(a), Math.min(Math.nextDown(b), guess + aside));
      if (!(c > a && c < b)) {
        break;
      }
      double fc = at(judge, point, prism, c) - bound;
      if (fc < 0) {
        a = c;
        fa = fc;
      } else {
        b = c;
        fb = fc;
      }
    }
    return new double[] {a, b};
  }
}
