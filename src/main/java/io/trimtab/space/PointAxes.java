package io.trimtab.space;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The points of a grid: how many values of each parameter it has. */
final class PointAxes {

  private PointAxes() {}

  /** Returns the axis itself if it is a list of options or short enough, else points along it. */
  static Axis of(Parameter parameter, int points) {
    Axis axis = parameter.axis();
    boolean list = axis instanceof ListAxis;
    if (list || (axis.cells() > 0 && axis.cells() <= points)) {
      return axis;
    }
    Set<Object> values = new LinkedHashSet<>();
    for (int i = 0; i < points; i++) {
      values.add(axis.decode(points == 1 ? 0.5 : i / (points - 1.0)));
    }
    return ListAxis.of(List.copyOf(values));
  }
}
