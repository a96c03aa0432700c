package io.trimtab.space;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The boxes of a {@link Cover} that grow no more. Immutable and safe for all threads. */
final class FrozenCover {
  /*
   * Boxes are picked in constant time by Walker's alias method, built as Vose has it [1].
   *
   * [1] Vose, A linear algorithm for generating random numbers with a given distribution, IEEE TSE 17(9), 1991.
   */

  private final PointJudge judge;
  private final int places;
  private final int count;
  private final double[] ends;
  private final boolean[] full;
  private final Band.@Nullable Prism[] prisms;
  private final double[] keeps;
  private final int[] alias;

  FrozenCover(Cover cover, PointJudge judge) {
    this.judge = judge;
    this.places = judge.places();
    int live = 0;
    for (int i = 0; i < cover.size(); i++) {
      live += cover.part(i).mass() > 0 ? 1 : 0;
    }
    this.count = live;
    this.ends = new double[2 * places * count];
    this.full = new boolean[count];
    this.prisms = new Band.@Nullable Prism[count];
    double[] masses = new double[count];
    double total = 0;
    for (int i = 0, next = 0; i < cover.size(); i++) {
      Cover.Part part = cover.part(i);
      if (part.mass() > 0) {
        System.arraycopy(part.box(), 0, ends, next * 2 * places, 2 * places);
        full[next] = part.full();
        prisms[next] = part.prism();
        masses[next] = part.mass();
        total += masses[next];
        next++;
      }
    }
    this.keeps = new double[count];
    this.alias = new int[count];
    fillAliases(masses, total);
  }

  private void fillAliases(double[] masses, double total) {
    int[] small = new int[count];
    int[] large = new int[count];
    int smalls = 0;
    int larges = 0;
    double[] shares = new double[count];
    for (int i = 0; i < count; i++) {
      shares[i] = masses[i] / total * count;
      alias[i] = i;
      keeps[i] = 1;
      if (shares[i] < 1) {
        small[smalls++] = i;
      } else {
        large[larges++] = i;
      }
    }
    while (smalls > 0 && larges > 0) {
      int poor = small[--smalls];
      int rich = large[--larges];
      keeps[poor] = shares[poor];
      alias[poor] = rich;
      shares[rich] -= 1 - shares[poor];
      if (shares[rich] < 1) {
        small[smalls++] = rich;
      } else {
        large[larges++] = rich;
      }
    }
  }

  /** How many numbers {@link #attempt} needs to work with. */
  int pointSize() {
    return 2 * places;
  }

  /**
   * Draws a point; true if it was valid and its values were filled in.
   *
   * @param point room to work in
   */
  boolean attempt(double[] point, @Nullable Object[] values, RandomGenerator random) {
    double where = random.nextDouble() * count;
    int box = (int) where;
    if (where - box >= keeps[box]) {
      box = alias[box];
    }
    int at = box * 2 * places;
    Band.Prism prism = prisms[box];
    if (prism != null) {
      return judge.draw(point, prism, ends, at, random) && judge.judge(point, values) == null;
    }
    judge.draw(point, ends, at, random);
    if (full[box]) {
      judge.accept(point, values);
      return true;
    }
    return judge.judge(point, values) == null;
  }
}
