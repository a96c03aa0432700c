package io.trimtab.sampler;

import io.trimtab.space.Axis;
import io.trimtab.space.Parameter;
import java.util.Arrays;
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
    if (!parameter.ordered()) {
      return new Options(axis, observed, bandwidths.spread(), distances);
    }
    Places places = new Places(observed);
    double[] widths = bandwidths.widths(axis, places);
    return axis.cells() == 0
        ? new Continuum(places, widths, observed.length)
        : new Cells(axis, places, widths, observed.length);
  }

  /**
   * Numbers without cells: normal kernels cut off at the ends of the unit interval, one per
   * observation.
   */
  final class Continuum implements Dimension {
    /*
     * The arrays lie by observation, without a detour and without a branch in the loop that is run for every candidate, so that the
     * virtual machine makes vector instructions of it. An observation without the coordinate has zeros, which add nothing.
     */

    private final double[] centres;
    private final double[] inverseWidths;
    private final double[] wholes; // the mass of the whole normal within the unit interval
    private final double[] logFactors;

    Continuum(Places places, double[] width, int observations) {
      this.centres = new double[observations];
      this.inverseWidths = new double[observations];
      this.wholes = new double[observations];
      this.logFactors = new double[observations];
      for (int i = 0; i < observations; i++) {
        int place = places.of(i);
        if (place < places.count()) {
          centres[i] = places.at(place);
          inverseWidths[i] = 1 / width[place];
          wholes[i] = Normal.massWithinUnit(centres[i], width[place]);
          logFactors[i] = Normal.logPdf(0) - Math.log(width[place] * wholes[i]);
        }
      }
    }

    @Override
    public double draw(int kernel, RandomGenerator random) {
      if (kernel >= centres.length || inverseWidths[kernel] == 0) {
        return random.nextDouble();
      }
      return Normal.drawWithinUnit(
          centres[kernel], 1 / inverseWidths[kernel], wholes[kernel], random);
    }

    @Override
    public void addLogDensities(double u, double[] sums) {
      for (int i = 0; i < centres.length; i++) {
        double z = (u - centres[i]) * inverseWidths[i];
        sums[i] += logFactors[i] - 0.5 * z * z;
      }
    }
  }

  /**
   * Numbers and ordered options with cells: normal kernels cut off at the ends of the unit interval
   * and integrated over cells, one per observed cell.
   */
  final class Cells implements Dimension {

    private static final double LEAST_MASS = 1e-300;

    private final Axis axis;
    private final Places places;
    private final int observations;
    private final double[] widths;
    private final double[] wholes; // the mass of the whole normal within the unit interval
    private final double[] logFactors;

    Cells(Axis axis, Places places, double[] widths, int observations) {
      this.axis = axis;
      this.places = places;
      this.observations = observations;
      this.widths = widths;
      this.wholes = new double[widths.length];
      this.logFactors = new double[widths.length];
      for (int place = 0; place < widths.length; place++) {
        wholes[place] = Normal.massWithinUnit(places.at(place), widths[place]);
        logFactors[place] = Normal.logPdf(0) - Math.log(widths[place] * wholes[place]);
      }
    }

    @Override
    public double draw(int kernel, RandomGenerator random) {
      int place = kernel >= observations ? places.count() : places.of(kernel);
      return place == places.count()
          ? random.nextDouble()
          : Normal.drawWithinUnit(places.at(place), widths[place], wholes[place], random);
    }

    @Override
    public void addLogDensities(double u, double[] sums) {
      double half = axis.mass(axis.cellAt(u)) / 2;
      double[] logs = new double[places.count() + 1]; // the last stays 0, for what has no place
      for (int place = 0; place < places.count(); place++) {
        logs[place] = logDensity(place, u, half);
      }
      for (int i = 0; i < observations; i++) {
        sums[i] += logs[places.of(i)];
      }
    }

    private double logDensity(int place, double u, double half) {
      double width = widths[place];
      double z = (u - places.at(place)) / width;
      if (half * 8 < width) {
        return logFactors[place] - 0.5 * z * z; // a cell that is small against the kernel
      }
      double inside = Normal.cdf(z + half / width) - Normal.cdf(z - half / width);
      return Math.log(Math.max(inside, LEAST_MASS) / wholes[place] / (2 * half));
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

    private static final double LOG_6 = Math.log(6);

    private final Axis axis;
    private final int[] observed; // by observation: the cell, or the number of cells if it has none
    private final double[][] logs; // by cell and observed cell: the density relative to the prior
    private final double[][] upTo; // by observed cell: cumulated mass

    Options(Axis axis, double[] observed, double spread, double @Nullable [][] distances) {
      this.axis = axis;
      this.observed = new int[observed.length];
      int cells = (int) axis.cells();
      for (int i = 0; i < observed.length; i++) {
        this.observed[i] = Double.isNaN(observed[i]) ? cells : (int) axis.cellAt(observed[i]);
      }
      double steepness = Math.log(observed.length + 1.0) * Math.log(cells) / LOG_6;
      this.logs = new double[cells][cells + 1];
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
          logs[c][at] = Math.log(density);
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

    @Override
    public double draw(int kernel, RandomGenerator random) {
      if (kernel >= observed.length || observed[kernel] == axis.cells()) {
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
      double[] column = logs[(int) axis.cellAt(u)];
      for (int i = 0; i < observed.length; i++) {
        sums[i] += column[observed[i]];
      }
    }
  }
}
