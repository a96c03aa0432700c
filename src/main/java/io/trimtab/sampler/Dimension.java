package io.trimtab.sampler;

import io.trimtab.space.Axis;
import io.trimtab.space.Parameter;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.VariableType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of one coordinate, one per observation; an observation without the coordinate has the
 * prior as its kernel.
 */
sealed interface Dimension {

  /** Draws a coordinate from a kernel; a kernel beyond the observations is the prior. */
  double draw(int kernel, RandomGenerator random);

  /**
   * Adds to each sum the logarithm of its kernel's density at a coordinate, relative to the prior.
   */
  void addLogDensities(double u, double[] sums);

  static Dimension of(
      Parameter parameter,
      double[] observed,
      Bandwidths bandwidths,
      double @Nullable [][] distances) {
    Axis axis = parameter.axis();
    return isUnordered(parameter)
        ? new Options(axis, observed, bandwidths.spread(), distances)
        : new Ordered(axis, observed, bandwidths.widths(axis, observed));
  }

  /** Tells whether the order of a parameter's values means nothing. */
  static boolean isUnordered(Parameter parameter) {
    VariableType type = parameter.variable().type();
    boolean ordinal =
        parameter.variable().domain() instanceof ChoiceDomain choice && choice.ordinal();
    return !ordinal && type != VariableType.FLOAT && type != VariableType.INTEGER;
  }

  /**
   * Numbers and ordered options: normal kernels cut off at the ends of the unit interval,
   * integrated over cells.
   */
  final class Ordered implements Dimension {
    /*
     * On an axis with cells, kernels with the same centre and width are computed once: of ten thousand observations of an integer
     * from 0 to 16 few differ.
     */

    private static final int PRIOR = -1;
    private static final double LOG_SQRT_2PI = 0.9189385332046727;
    private static final double LEAST_MASS = 1e-300;

    private record Shape(double centre, double width) {}

    private final Axis axis;
    private final int[] kernels; // by observation: the place of its kernel in the arrays below
    private final double[] centres;
    private final double[] widths;
    private final double[] wholes; // the mass of the whole normal within the unit interval
    private final double[] logFactors;

    Ordered(Axis axis, double[] observed, double[] width) {
      this.axis = axis;
      this.kernels = new int[observed.length];
      double[] c = new double[observed.length];
      double[] w = new double[observed.length];
      int count = 0;
      Map<Shape, Integer> places = new HashMap<>();
      for (int i = 0; i < observed.length; i++) {
        Integer known = null;
        if (Double.isNaN(observed[i])) {
          known = PRIOR;
        } else if (axis.cells() != 0) {
          known = places.putIfAbsent(new Shape(observed[i], width[i]), count);
        }
        kernels[i] = known == null ? count : known;
        if (known == null) {
          c[count] = observed[i];
          w[count++] = width[i];
        }
      }
      this.centres = Arrays.copyOf(c, count);
      this.widths = Arrays.copyOf(w, count);
      this.wholes = new double[count];
      this.logFactors = new double[count];
      for (int k = 0; k < count; k++) {
        wholes[k] = Normal.cdf((1 - centres[k]) / widths[k]) - Normal.cdf(-centres[k] / widths[k]);
        logFactors[k] = -LOG_SQRT_2PI - Math.log(widths[k] * wholes[k]);
      }
    }

    @Override
    public double draw(int kernel, RandomGenerator random) {
      if (kernel >= kernels.length || kernels[kernel] == PRIOR) {
        return random.nextDouble();
      }
      double centre = centres[kernels[kernel]];
      double width = widths[kernels[kernel]];
      double low = Normal.cdf(-centre / width);
      double z = Normal.quantile(low + random.nextDouble() * wholes[kernels[kernel]]);
      return Math.max(0, Math.min(1, centre + width * z));
    }

    @Override
    public void addLogDensities(double u, double[] sums) {
      double half = axis.cells() == 0 ? 0 : axis.mass(axis.indexOf(axis.decode(u))) / 2;
      double[] logs = new double[centres.length];
      for (int k = 0; k < logs.length; k++) {
        logs[k] = logDensity(k, u, half);
      }
      for (int i = 0; i < kernels.length; i++) {
        if (kernels[i] != PRIOR) {
          sums[i] += logs[kernels[i]];
        }
      }
    }

    private double logDensity(int k, double u, double half) {
      double z = (u - centres[k]) / widths[k];
      if (half * 8 < widths[k]) {
        return logFactors[k] - 0.5 * z * z; // a point, or a cell that is small against the kernel
      }
      double inside = Normal.cdf(z + half / widths[k]) - Normal.cdf(z - half / widths[k]);
      return Math.log(Math.max(inside, LEAST_MASS) / wholes[k] / (2 * half));
    }
  }

  /**
   * Options without order: a share of each kernel is spread by the prior, the rest lies on the
   * observed option or, if there are distances, on it and those close to it.
   */
  final class Options implements Dimension {
    /*
     * With distances the rest falls off as exp(-(s * distance / greatest)^2) with s^2 = ln(n + 1) * ln(options) / ln 6, so that it
     * narrows as observations come in.
     */

    private static final int PRIOR = -1;
    private static final double LOG_6 = Math.log(6);

    private final Axis axis;
    private final int[] observed; // by observation: the cell
    private final double[][] logs; // by observed cell and cell: the density relative to the prior
    private final double[][] upTo; // by observed cell: cumulated mass

    Options(Axis axis, double[] observed, double spread, double @Nullable [][] distances) {
      this.axis = axis;
      this.observed = new int[observed.length];
      for (int i = 0; i < observed.length; i++) {
        this.observed[i] = Double.isNaN(observed[i]) ? PRIOR : cell(observed[i]);
      }
      int cells = (int) axis.cells();
      double steepness = Math.log(observed.length + 1.0) * Math.log(cells) / LOG_6;
      this.logs = new double[cells][cells];
      this.upTo = new double[cells][cells];
      for (int at = 0; at < cells; at++) {
        double[] close = closeness(at, cells, distances, steepness);
        double total = 0;
        for (int c = 0; c < cells; c++) {
          total += close[c] * axis.mass(c);
        }
        double sum = 0;
        for (int c = 0; c < cells; c++) {
          double density = spread + (1 - spread) * close[c] / total;
          logs[at][c] = Math.log(density);
          sum += density * axis.mass(c);
          upTo[at][c] = sum;
        }
      }
    }

    private static double[] closeness(
        int at, int cells, double @Nullable [][] distances, double steepness) {
      double[] close = new double[cells];
      close[at] = 1;
      if (distances != null) {
        double greatest = Arrays.stream(distances).flatMapToDouble(Arrays::stream).max().orElse(1);
        for (int c = 0; c < cells; c++) {
          double share = distances[at][c] / greatest;
          close[c] = Math.exp(-steepness * share * share);
        }
      }
      return close;
    }

    private int cell(double u) {
      return (int) axis.indexOf(axis.decode(u));
    }

    @Override
    public double draw(int kernel, RandomGenerator random) {
      if (kernel >= observed.length || observed[kernel] == PRIOR) {
        return random.nextDouble();
      }
      double[] sums = upTo[observed[kernel]];
      double left = random.nextDouble() * sums[sums.length - 1];
      int cell = 0;
      while (cell < sums.length - 1 && left >= sums[cell]) {
        cell++;
      }
      return axis.encode(axis.valueAt(cell));
    }

    @Override
    public void addLogDensities(double u, double[] sums) {
      int cell = cell(u);
      for (int i = 0; i < observed.length; i++) {
        if (observed[i] != PRIOR) {
          sums[i] += logs[observed[i]][cell];
        }
      }
    }
  }
}
