package io.trimtab.space;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A fixed list of values, equally likely or weighted. */
final class ListAxis implements Axis {

  private final Object[] values;
  private final double[] masses;
  private final double[] upTo;
  private final boolean weighted;
  private final Map<Object, Integer> indices = new HashMap<>();

  private ListAxis(List<?> values, List<Double> weights) {
    int n = values.size();
    this.values = values.toArray();
    this.weighted = !weights.isEmpty();
    this.masses = new double[n];
    this.upTo = new double[n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      masses[i] = weighted ? weights.get(i) : 1;
      total += masses[i];
      indices.put(this.values[i], i);
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      masses[i] /= total;
      sum += masses[i];
      upTo[i] = sum;
    }
    upTo[n - 1] = 1;
  }

  static ListAxis of(List<?> values) {
    return new ListAxis(values, List.of());
  }

  static ListAxis weighted(List<?> values, List<Double> weights) {
    return new ListAxis(values, weights);
  }

  @Override
  public long cells() {
    return values.length;
  }

  @Override
  public Object valueAt(long index) {
    if (index < 0 || index >= values.length) {
      throw new IndexOutOfBoundsException("no cell " + index);
    }
    return values[(int) index];
  }

  @Override
  public long indexOf(Object value) {
    Integer index = indices.get(value);
    if (index == null) {
      throw new IllegalArgumentException("no cell holds " + value);
    }
    return index;
  }

  @Override
  public double mass(long index) {
    return masses[(int) index];
  }

  @Override
  public double massBelow(long index) {
    return index == 0 ? 0 : upTo[(int) index - 1];
  }

  @Override
  public long cellAt(double u) {
    return cell(Coordinates.clamp(u));
  }

  @Override
  public Object decode(double u) {
    return values[cell(Coordinates.clamp(u))];
  }

  private int cell(double u) {
    if (!weighted) {
      return (int) Coordinates.cell(u, values.length, values.length - 1L);
    }
    int found = Arrays.binarySearch(upTo, u);
    // A cell is closed below and open above: the end of one cell belongs to the next.
    int cell = found >= 0 ? found + 1 : -found - 1;
    return Math.min(cell, values.length - 1);
  }

  @Override
  public double encode(Object value) {
    int index = (int) indexOf(value);
    return Coordinates.clamp(upTo[index] - masses[index] / 2);
  }

  @Override
  public Object sample(RandomGenerator random) {
    if (values.length == 1) {
      return values[0];
    }
    return values[weighted ? cell(random.nextDouble()) : random.nextInt(values.length)];
  }
}
