package io.trimtab.space;

/** The values one parameter takes within a box, and whether it is active there. Mutable. */
final class Span {

  final CoverAxis axis;

  /** Coordinates along the axis, both included. */
  double from;

  double to;

  /** The numbers at the two ends; for options their indices. */
  double low;

  double high;

  boolean maybeActive = true;
  boolean maybeInactive;

  /** Whether a rule has cut the span since this was last cleared. */
  boolean cut;

  Span(CoverAxis axis) {
    this.axis = axis;
    set(axis.first(), axis.last());
  }

  void set(double newFrom, double newTo) {
    from = newFrom;
    to = newTo;
    low = axis.least(newFrom);
    high = axis.greatest(newTo);
  }

  boolean certainlyActive() {
    return maybeActive && !maybeInactive;
  }

  /** Cuts off what lies outside two values; false if nothing is left. */
  boolean cutTo(double least, double greatest) {
    if (!certainlyActive()) {
      return true; // where it is inactive, its values say nothing about the rule
    }
    if (least > low) {
      double start = Math.max(from, axis.down(least));
      if (start > from) {
        from = start;
        low = axis.least(start);
        cut = true;
      }
    }
    if (greatest < high) {
      double end = Math.min(to, axis.up(greatest));
      if (end < to) {
        to = end;
        high = axis.greatest(end);
        cut = true;
      }
    }
    return from <= to;
  }
}
