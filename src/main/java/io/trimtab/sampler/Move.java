package io.trimtab.sampler;

import io.trimtab.space.Parameter;
import java.util.random.RandomGenerator;

/** A random step along one dimension of the unit cube. */
final class Move {

  private static final double CELLS = 0.7;

  private Move() {}

  /**
   * Returns a coordinate a normal step away, at least of the size of a cell and reflected at the
   * ends; for what has no order any coordinate.
   */
  static double near(Parameter parameter, double u, double reach, RandomGenerator random) {
    if (!parameter.ordered()) {
      return random.nextDouble();
    }
    long cells = parameter.axis().cells();
    double length = cells == 0 ? reach : Math.max(reach, CELLS / cells);
    double to = u + length * random.nextGaussian();
    double reflected = to < 0 ? -to : to > 1 ? 2 - to : to;
    return Math.max(0, Math.min(1, reflected));
  }
}
