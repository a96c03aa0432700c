package io.trimtab.sampler;

import java.util.Arrays;

/** The different coordinates at which an axis was observed, in rising order. */
final class Places {
  /*
   * One sort of longs finds the order: each holds a coordinate as a fixed-point number and, in its low bits, whose it is. Coordinates that
   * differ by less than the last bit (2^-40 for four million observations) may come in the wrong order, which no kernel is narrow
   * enough to notice.
   */

  private final int[] places;
  private final double[] coordinates;
  private final boolean[] repeated;
  private final int observed;
  private final int count;

  /**
   * Orders coordinates.
   *
   * @param coordinates one for each observation, in {@code [0, 1]}; NaN where there is none
   */
  Places(double[] coordinates) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(coordinates.length);
    double one = 1L << (Long.SIZE - 2 - bits);
    long[] keys = new long[coordinates.length];
    int found = 0;
    for (int i = 0; i < coordinates.length; i++) {
      if (!Double.isNaN(coordinates[i])) {
        keys[found++] = (long) (coordinates[i] * one) << bits | i;
      }
    }
    Arrays.sort(keys, 0, found);
    this.places = new int[coordinates.length];
    this.coordinates = new double[found];
    this.repeated = new boolean[found];
    this.observed = found;
    int place = -1;
    for (int k = 0; k < found; k++) {
      int i = (int) (keys[k] & ((1L << bits) - 1));
      if (place >= 0 && this.coordinates[place] == coordinates[i]) {
        repeated[place] = true;
      } else {
        this.coordinates[++place] = coordinates[i];
      }
      places[i] = place;
    }
    this.count = place + 1;
    for (int i = 0; i < places.length; i++) {
      if (Double.isNaN(coordinates[i])) {
        places[i] = count;
      }
    }
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** How many observations have the coordinate. */
  int observed() {
    return observed;
  }

  /** The place of an observation; {@link #count} if it has none. */
  int of(int observation) {
    return places[observation];
  }

  /** The coordinate of a place. */
  double at(int place) {
    return coordinates[place];
  }

  /**
   * How far it is to the farther of the two neighbours of an observation, to the only one at an
   * end; 0 if there are others at the same place.
   */
  double toFartherNeighbour(int place) {
    if (repeated[place]) {
      return 0;
    }
    double left = place == 0 ? 0 : coordinates[place] - coordinates[place - 1];
    double right = place == count - 1 ? 0 : coordinates[place + 1] - coordinates[place];
    return Math.max(left, right);
  }
}
