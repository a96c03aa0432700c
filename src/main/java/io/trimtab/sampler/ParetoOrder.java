package io.trimtab.sampler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Orders complete observations from best to worst, by one loss or by several. */
final class ParetoOrder {
  /*
   * Several losses: by fronts, the first of which holds what nothing dominates, and within a front by crowding distance, the lonely
   * first [1]. Ties keep the order they came in. In lexicographic order of the losses nothing is dominated by what comes after it, so
   * one pass that compares each with the front found so far peels a front off; this costs O(k n f) for k losses, n observations and
   * f of them in the fronts that are asked for.
   *
   * [1] Deb et al., A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE Transactions on Evolutionary Computation 2002.
   */

  private ParetoOrder() {}

  /** Returns the observations in a new list, best first. */
  static List<Observation> of(List<Observation> complete) {
    return first(complete, complete.size());
  }

  /**
   * Returns the best observations in a new list, best first; all if there are no more than that.
   */
  static List<Observation> first(List<Observation> complete, int count) {
    if (complete.isEmpty() || complete.get(0).objectives() == 1) {
      return least(complete, count);
    }
    List<Observation> ordered = new ArrayList<>();
    for (List<Observation> front : fronts(complete, count)) {
      double[] crowding = crowding(front);
      Integer[] order = new Integer[front.size()];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, Comparator.comparingDouble(i -> -crowding[i]));
      for (int i : order) {
        ordered.add(front.get(i));
      }
    }
    return ordered.subList(0, Math.min(count, ordered.size()));
  }

  private static List<Observation> least(List<Observation> complete, int count) {
    Comparator<Integer> byLoss = Comparator.comparingDouble(i -> complete.get(i).loss());
    PriorityQueue<Integer> kept =
        new PriorityQueue<>(byLoss.thenComparing(Comparator.naturalOrder()).reversed());
    for (int i = 0; i < complete.size(); i++) {
      Integer worst = kept.peek();
      if (worst == null || kept.size() < count) {
        kept.add(i);
      } else if (complete.get(i).loss() < complete.get(worst).loss()) {
        kept.remove();
        kept.add(i);
      }
    }
    Observation[] ordered = new Observation[kept.size()];
    for (int last = ordered.length - 1; last >= 0; last--) {
      ordered[last] = complete.get(kept.remove());
    }
    return List.of(ordered);
  }

  /** Returns the first fronts, as many as it takes to hold a number of observations, or all. */
  static List<List<Observation>> fronts(List<Observation> complete, int count) {
    List<Integer> rest = new ArrayList<>();
    for (int i = 0; i < complete.size(); i++) {
      rest.add(i);
    }
    rest.sort((i, j) -> lexicographic(complete.get(i), complete.get(j)));
    List<List<Observation>> fronts = new ArrayList<>();
    for (int held = 0;
        held < count && !rest.isEmpty();
        held += fronts.get(fronts.size() - 1).size()) {
      List<Integer> front = new ArrayList<>();
      List<Integer> behind = new ArrayList<>();
      for (int i : rest) {
        boolean beaten =
            front.stream().anyMatch(better -> dominates(complete.get(better), complete.get(i)));
        (beaten ? behind : front).add(i);
      }
      front.sort(Comparator.naturalOrder());
      fronts.add(front.stream().map(complete::get).toList());
      rest = behind;
    }
    return fronts;
  }

  private static int lexicographic(Observation a, Observation b) {
    for (int k = 0; k < a.objectives(); k++) {
      int order = Double.compare(a.loss(k), b.loss(k));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  static boolean dominates(Observation a, Observation b) {
    boolean better = false;
    for (int k = 0; k < a.objectives(); k++) {
      if (a.loss(k) > b.loss(k)) {
        return false;
      }
      better |= a.loss(k) < b.loss(k);
    }
    return better;
  }

  private static double[] crowding(List<Observation> front) {
    int n = front.size();
    double[] crowding = new double[n];
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    for (int k = 0; k < front.get(0).objectives(); k++) {
      int objective = k;
      Arrays.sort(order, Comparator.comparingDouble(i -> front.get(i).loss(objective)));
      double range = front.get(order[n - 1]).loss(k) - front.get(order[0]).loss(k);
      crowding[order[0]] = Double.POSITIVE_INFINITY;
      crowding[order[n - 1]] = Double.POSITIVE_INFINITY;
      for (int i = 1; i < n - 1 && range > 0; i++) {
        double gap = front.get(order[i + 1]).loss(k) - front.get(order[i - 1]).loss(k);
        crowding[order[i]] += gap / range;
      }
    }
    return crowding;
  }
}
