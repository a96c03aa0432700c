package io.trimtab.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which variable must be updated before which, by name. Guarded by the owner's lock. */
final class DependencyGraph {

  private final Map<String, Set<String>> successors = new LinkedHashMap<>();

  /** Adds an edge, or throws {@link DependencyCycleException} if it would close a cycle. */
  void add(String from, String to) {
    List<String> back = path(to, from);
    if (back != null) {
      List<String> cycle = new ArrayList<>(List.of(from));
      cycle.addAll(back);
      throw new DependencyCycleException(cycle);
    }
    successors.computeIfAbsent(from, key -> new LinkedHashSet<>()).add(to);
  }

  void remove(String from, String to) {
    Set<String> targets = successors.get(from);
    if (targets != null && targets.remove(to) && targets.isEmpty()) {
      successors.remove(from);
    }
  }

  /** Forgets every edge of a variable that is gone. */
  void removeAll(String name) {
    successors.remove(name);
    successors.values().forEach(targets -> targets.remove(name));
    successors.values().removeIf(Set::isEmpty);
  }

  /** Takes over edges of which {@link #entangled} found none on a cycle. */
  void replaceAll(Collection<Dependency> edges) {
    successors.clear();
    edges.forEach(
        edge ->
            successors.computeIfAbsent(edge.from(), key -> new LinkedHashSet<>()).add(edge.to()));
  }

  /**
   * Returns the names that cannot be put in order because of a cycle, in time linear in names and
   * edges; empty if there is none.
   */
  static Set<String> entangled(Collection<String> names, Collection<Dependency> edges) {
    DependencyGraph graph = new DependencyGraph();
    graph.replaceAll(edges);
    Set<String> rest = new LinkedHashSet<>(names);
    graph.order(List.copyOf(names)).forEach(rest::remove);
    return rest;
  }

  Set<Dependency> edges() {
    Set<Dependency> edges = new LinkedHashSet<>();
    successors.forEach(
        (from, targets) -> targets.forEach(to -> edges.add(new Dependency(from, to))));
    return Collections.unmodifiableSet(edges);
  }

  /**
   * Sorts names so that each comes after those it depends on; otherwise they keep their order.
   *
   * @param names every variable once, in order of registration
   */
  List<String> order(List<String> names) {
    /* Kahn's algorithm; of the variables that are ready, the one registered first goes first. O((V + E) log V). */
    Map<String, Integer> rank = new HashMap<>();
    names.forEach(name -> rank.put(name, rank.size()));
    int[] waitingFor = new int[names.size()];
    successors.values().stream().flatMap(Set::stream).forEach(to -> waitingFor[rank(rank, to)]++);
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < waitingFor.length; i++) {
      if (waitingFor[i] == 0) {
        ready.add(i);
      }
    }
    List<String> order = new ArrayList<>(names.size());
    while (!ready.isEmpty()) {
      String name = names.get(ready.remove());
      order.add(name);
      for (String to : successors.getOrDefault(name, Set.of())) {
        if (--waitingFor[rank(rank, to)] == 0) {
          ready.add(rank(rank, to));
        }
      }
    }
    return Collections.unmodifiableList(order);
  }

  private static int rank(Map<String, Integer> ranks, String name) {
    Integer rank = ranks.get(name);
    if (rank == null) {
      throw new AssertionError("edges of deleted variables are removed, found " + name);
    }
    return rank;
  }

  /** Returns the names along a path, both ends included, or null if there is none. */
  private @Nullable List<String> path(String from, String to) {
    Map<String, String> cameFrom = new HashMap<>();
    Deque<String> open = new ArrayDeque<>(List.of(from));
    cameFrom.put(from, from);
    while (!open.isEmpty()) {
      String name = open.pop();
      if (name.equals(to)) {
        return backtrack(cameFrom, from, to);
      }
      for (String next : successors.getOrDefault(name, Set.of())) {
        if (cameFrom.putIfAbsent(next, name) == null) {
          open.push(next);
        }
      }
    }
    return null;
  }

  private static List<String> backtrack(Map<String, String> cameFrom, String from, String to) {
    Deque<String> path = new ArrayDeque<>(List.of(to));
    for (String name = to; !name.equals(from); ) {
      String before = cameFrom.get(name);
      if (before == null) {
        throw new AssertionError(name + " was reached, so it has a predecessor");
      }
      name = before;
      path.push(name);
    }
    return List.copyOf(path);
  }
}
