package io.trimtab.study;

import java.util.List;
import java.util.Locale;

/**
 * The optimization history as an SVG picture: a dot per trial, the best score so far as a stepped
 * line.
 */
final class HistoryPlot {

  private static final int WIDTH = 960;
  private static final int HEIGHT = 320;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 16;
  private static final int BOTTOM = 36;
  private static final int LINES = 5;

  private final Direction direction;
  private final List<Trial> trials;
  private final double least;
  private final double greatest;
  private final StringBuilder out = new StringBuilder();

  HistoryPlot(Direction direction, List<Trial> trials) {
    this.direction = direction;
    this.trials = trials;
    double[] scores =
        trials.stream()
            .filter(trial -> trial.state() == TrialState.COMPLETE)
            .mapToDouble(Trial::score)
            .sorted()
            .toArray();
    double low = scores.length == 0 ? 0 : scores[0];
    double high = scores.length == 0 ? 1 : scores[scores.length - 1];
    double margin = high > low ? (high - low) * 0.05 : Math.max(1e-9, Math.abs(high) * 0.05 + 0.01);
    this.least = low - margin;
    this.greatest = high + margin;
  }

  String svg() {
    out.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"scores by trial\">\n"
            .formatted(WIDTH, HEIGHT));
    grid();
    dots();
    line();
    return out.append("</svg>\n").toString();
  }

  private void grid() {
    for (int i = 0; i < LINES; i++) {
      double score = least + (greatest - least) * i / (LINES - 1);
      out.append(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/><text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>\n"
              .formatted(
                  LEFT, WIDTH - RIGHT, y(score), y(score), LEFT - 8, y(score), Figure.of(score)));
    }
    int last = Math.max(0, trials.size() - 1);
    int step = Math.max(1, (int) Math.ceil(last / 8.0));
    for (int number = 0; number <= last; number += step) {
      out.append(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%d</text>\n"
              .formatted(x(number), HEIGHT - 12, number));
    }
  }

  private void dots() {
    for (Trial trial : trials) {
      String x = x(trial.number());
      if (trial.state() == TrialState.COMPLETE) {
        out.append(
            "<circle class=\"dot\" cx=\"%s\" cy=\"%s\" r=\"4\"><title>trial %d: %s</title></circle>\n"
                .formatted(x, y(trial.score()), trial.number(), Figure.of(trial.score())));
      } else if (trial.state() == TrialState.FAILED) {
        int floor = HEIGHT - BOTTOM;
        out.append(
            "<path class=\"cross\" transform=\"translate(%s %d)\" d=\"M-4 -4 L4 4 M-4 4 L4 -4\"><title>trial %d failed</title></path>\n"
                .formatted(x, floor - 6, trial.number()));
      }
    }
  }

  private void line() {
    StringBuilder path = new StringBuilder();
    Trial best = null;
    for (Trial trial : trials) {
      boolean improves =
          trial.state() == TrialState.COMPLETE
              && (best == null || direction.isBetter(trial.score(), best.score()));
      if (improves) {
        path.append(
            best == null
                ? "M%s %s".formatted(x(trial.number()), y(trial.score()))
                : " H%s V%s".formatted(x(trial.number()), y(trial.score())));
        best = trial;
      }
    }
    if (best != null) {
      out.append("<path class=\"line\" d=\"%s H%s\"/>\n".formatted(path, x(trials.size() - 1)));
      out.append(
          "<circle class=\"best\" cx=\"%s\" cy=\"%s\" r=\"6\"/>\n"
              .formatted(x(best.number()), y(best.score())));
    }
  }

  private String x(int number) {
    double share = trials.size() < 2 ? 0.5 : number / (trials.size() - 1.0);
    return String.format(Locale.ROOT, "%.1f", LEFT + 10 + share * (WIDTH - LEFT - RIGHT - 20));
  }

  private String y(double score) {
    double share = (score - least) / (greatest - least);
    return String.format(Locale.ROOT, "%.1f", HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM));
  }
}
