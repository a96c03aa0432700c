package io.trimtab.sampler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Orders complete observations from best to worst, by one loss or by several. */
final class ParetoOrder {
  /*
   * Several losses: by fronts, the first of which holds what nothing dominates, and within a front by crowding distance, the lonely
   * first [1]. Fast non-dominated sorting costs O(k n^2) for k losses and n observations. Ties keep the order they came in.
   *
   * [1] Deb et al., A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE Transactions on Evolutionary Computation 2002.
   */

  private ParetoOrder() {}

  /** Returns the observations in a new list, best first. */
  static List<Observation> of(List<Observation> complete) {
    List<Observation> ordered = new ArrayList<>();
    if (complete.isEmpty() || complete.get(0).objectives() == 1) {
      ordered.addAll(complete);
      ordered.sort(Comparator.comparingDouble(Observation::loss));
      return ordered;
    }
    for (List<Observation> front : fronts(complete)) {
      double[] crowding = crowding(front);
      Integer[] order = new Integer[front.size()];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, Comparator.comparingDouble(i -> -crowding[i]));
      for (int i : order) {
        ordered.add(front.get(i));
      }
    }
    return ordered;
  }

  static List<List<Observation>> fronts(List<Observation> complete) {
    int n = complete.size();
    int[] dominators = new int[n];
    List<List<Integer>> dominated = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      dominated.add(new ArrayList<>());
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (dominates(complete.get(i), complete.get(j))) {
          dominated.get(i).add(j);
          dominators[j]++;
        }
      }
    }
    List<List<Observation>> fronts = new ArrayList<>();
    List<Integer> front = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (dominators[i] == 0) {
        front.add(i);
      }
    }
    while (!front.isEmpty()) {
      fronts.add(front.stream().map(complete::get).toList());
      List<Integer> next = new ArrayList<>();
      for (int i : front) {
        for (int j : dominated.get(i)) {
          if (--dominators[j] == 0) {
            next.add(j);
          }
        }
      }
      next.sort(Comparator.naturalOrder());
      front = next;
    }
    return fronts;
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
