package io.trimtab.sampler;

import io.trimtab.space.Axis;
import io.trimtab.space.Parameter;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.VariableType;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The kernels of one coordinate, one per observation; an observation without the coordinate has the
 * prior as its kernel.
 */
sealed interface Dimension {

  /** Draws a coordinate from a kernel; a kernel beyond the observations is the prior. */
  double draw(int kernel, RandomGenerator random);

  /** The logarithm of a kernel's density at a coordinate, relative to the prior. */
  double logDensity(int kernel, double u);

  static Dimension of(Parameter parameter, double[] observed, int dimensions, boolean sharp) {
    Axis axis = parameter.axis();
    double scott = Math.pow(observed.length + 1.0, -1.0 / (dimensions + 4));
    return isUnordered(parameter)
        ? new Options(axis, observed, scott)
        : new Ordered(axis, observed, widths(observed, scott, sharp));
  }

  private static boolean isUnordered(Parameter parameter) {
    VariableType type = parameter.variable().type();
    boolean ordinal =
        parameter.variable().domain() instanceof ChoiceDomain choice && choice.ordinal();
    return !ordinal && type != VariableType.FLOAT && type != VariableType.INTEGER;
  }

  private static double[] widths(double[] observed, double scott, boolean sharp) {
    double[] widths = new double[observed.length];
    double least = 1.0 / Math.min(100, observed.length + 2.0);
    double[] sorted = Arrays.stream(observed).filter(u -> !Double.isNaN(u)).sorted().toArray();
    for (int i = 0; i < widths.length; i++) {
      double neighbour = sharp ? fartherNeighbour(sorted, observed[i]) : 0.2 * scott;
      widths[i] = Math.max(least, Math.min(1, neighbour));
    }
    return widths;
  }

  private static double fartherNeighbour(double[] sorted, double u) {
    int at = Arrays.binarySearch(sorted, u);
    if (at < 0) {
      return 1; // an observation without this coordinate; its kernel is the prior
    }
    double left = at == 0 ? 0 : sorted[at - 1];
    double right = at == sorted.length - 1 ? 1 : sorted[at + 1];
    return Math.max(u - left, right - u);
  }

  /**
   * Numbers and ordered options: normal kernels cut off at the ends of the unit interval,
   * integrated over cells.
   */
  final class Ordered implements Dimension {

    private final Axis axis;
    private final double[] centres;
    private final double[] widths;

    Ordered(Axis axis, double[] centres, double[] widths) {
      this.axis = axis;
      this.centres = centres;
      this.widths = widths;
    }

    @Override
    public double draw(int kernel, RandomGenerator random) {
      if (kernel >= centres.length || Double.isNaN(centres[kernel])) {
        return random.nextDouble();
      }
      double low = Normal.cdf((0 - centres[kernel]) / widths[kernel]);
      double high = Normal.cdf((1 - centres[kernel]) / widths[kernel]);
      double u =
          centres[kernel]
              + widths[kernel] * Normal.quantile(low + random.nextDouble() * (high - low));
      return Math.max(0, Math.min(1, u));
    }

    @Override
    public double logDensity(int kernel, double u) {
      if (kernel >= centres.length || Double.isNaN(centres[kernel])) {
        return 0;
      }
      double half = axis.cells() == 0 ? 0 : axis.mass(axis.indexOf(axis.decode(u))) / 2;
      double z = (u - centres[kernel]) / widths[kernel];
      double whole =
          Normal.cdf((1 - centres[kernel]) / widths[kernel])
              - Normal.cdf((0 - centres[kernel]) / widths[kernel]);
      if (half * 8 < widths[kernel]) {
        return Normal.logPdf(z)
            - Math.log(widths[kernel] * whole); // the cell is small against the kernel
      }
      double inside = Normal.cdf(z + half / widths[kernel]) - Normal.cdf(z - half / widths[kernel]);
      return Math.log(Math.max(inside, 1e-300) / whole / (2 * half));
    }
  }

  /**
   * Options without order: the observed one with most of the mass, the rest spread by the prior.
   */
  final class Options implements Dimension {

    private static final double MOST_SPREAD = 0.5;

    private final Axis axis;
    private final double[] observed;
    private final double spread;

    Options(Axis axis, double[] observed, double scott) {
      this.axis = axis;
      this.observed = observed;
      this.spread = MOST_SPREAD * scott;
    }

    @Override
    public double draw(int kernel, RandomGenerator random) {
      boolean prior = kernel >= observed.length || Double.isNaN(observed[kernel]);
      return prior || random.nextDouble() < spread ? random.nextDouble() : observed[kernel];
    }

    @Override
    public double logDensity(int kernel, double u) {
      if (kernel >= observed.length || Double.isNaN(observed[kernel])) {
        return 0;
      }
      long cell = axis.indexOf(axis.decode(u));
      boolean same = cell == axis.indexOf(axis.decode(observed[kernel]));
      return Math.log(same ? spread + (1 - spread) / axis.mass(cell) : spread);
    }
  }
}
