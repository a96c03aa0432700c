package io.trimtab.space;

import java.util.random.RandomGenerator;

/** Cells of another axis whose probabilities follow a prior instead. */
final class SpreadAxis implements Axis {

  private final Axis cells;
  private final Spread spread;

  SpreadAxis(Axis cells, Spread spread) {
    this.cells = cells;
    this.spread = spread;
  }

  @Override
  public long cells() {
    return cells.cells();
  }

  @Override
  public Object valueAt(long index) {
    return cells.valueAt(index);
  }

  @Override
  public long indexOf(Object value) {
    return cells.indexOf(value);
  }

  @Override
  public double mass(long index) {
    return massBelow(index + 1) - massBelow(index);
  }

  @Override
  public double massBelow(long index) {
    return spread.cdf(cells.massBelow(index));
  }

  @Override
  public long cellAt(double u) {
    return cells.cellAt(spread.quantile(Coordinates.clamp(u)));
  }

  @Override
  public Object decode(double u) {
    return cells.valueAt(cellAt(u));
  }

  @Override
  public double encode(Object value) {
    long index = indexOf(value);
    return (massBelow(index) + massBelow(index + 1)) / 2;
  }

  @Override
  public Object sample(RandomGenerator random) {
    return decode(random.nextDouble());
  }
}
