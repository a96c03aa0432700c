package io.trimtab.study;

import io.trimtab.space.Configuration;
import io.trimtab.space.Parameter;
import io.trimtab.space.Rule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The HTML page of one study. */
final class HtmlPage {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --paper: #fbfaf7; --card: #ffffff; --line: #d9dee3;
        --accent: #0b6e75; --dot: #8aa1b1; --bad: #b3452c; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6ebef; --soft: #9fb0bf; --paper: #14191e; --card: #1c232a;
        --line: #323c46; --accent: #52c7c0; --dot: #647a8b; --bad: #ef8a6f; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
        font: 15px/1.5 system-ui, sans-serif; }
      h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2.25rem 0 .75rem; }
      p { margin: .25rem 0; color: var(--soft); }
      .cards { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
      .card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; min-width: 9rem; }
      .card b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; } .card span { color: var(--soft); }
      .wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
      table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
      th, td { text-align: left; padding: .4rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
      td.long { white-space: normal; min-width: 14rem; }
      tr:last-child td { border-bottom: 0; } th { color: var(--soft); font-weight: 600; }
      td.number { text-align: right; } tr.best td { color: var(--accent); font-weight: 600; } .failed { color: var(--bad); }
      svg { display: block; width: 100%; height: auto; }
      svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
      svg .grid { stroke: var(--line); } svg .line { stroke: var(--accent); stroke-width: 2.5; fill: none; }
      svg .dot { fill: var(--dot); } svg .best { fill: var(--accent); } svg .cross { stroke: var(--bad); stroke-width: 2; }
      """;

  private final Study study;
  private final List<Trial> trials;
  private final Optional<Trial> best;
  private final StringBuilder out = new StringBuilder();

  HtmlPage(Study study, List<Trial> trials) {
    this.study = study;
    this.trials = trials;
    this.best = study.findBest();
  }

  String render() {
    out.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .append(escaped("Study " + study.name()))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n");
    heading();
    figures();
    bestConfiguration();
    history();
    parameters();
    rules();
    allTrials();
    return out.append("</body>\n</html>\n").toString();
  }

  private void heading() {
    out.append("<h1>")
        .append(escaped("Study \u201c" + study.name() + "\u201d"))
        .append("</h1>\n<p>");
    String description = study.space().description();
    out.append(escaped(description.isEmpty() ? "Space " + study.space().name() : description));
    out.append("</p>\n<p>")
        .append(
            escaped(
                "Scores are %s. Sampler %s, seed %d."
                    .formatted(
                        study.direction() == Direction.MAXIMIZE ? "maximized" : "minimized",
                        study.sampler(),
                        study.seed())))
        .append("</p>\n");
  }

  private void figures() {
    long failed = trials.stream().filter(trial -> trial.state() == TrialState.FAILED).count();
    Cost cost = study.cost();
    out.append("<div class=\"cards\">\n");
    card(best.map(trial -> shown(trial.score())).orElse("none"), "best score");
    card(Integer.toString(trials.size()), "trials");
    card(Long.toString(failed), "failed");
    card("%,d".formatted(cost.tokens()), "tokens");
    card(String.format(Locale.ROOT, "%.4f", cost.money()), "money");
    out.append("</div>\n");
  }

  private void card(String figure, String label) {
    out.append("<div class=\"card\"><b>")
        .append(escaped(figure))
        .append("</b><span>")
        .append(label)
        .append("</span></div>\n");
  }

  private void bestConfiguration() {
    out.append("<h2>Best configuration</h2>\n");
    if (best.isEmpty()) {
      out.append("<p>No trial has ended with a score yet.</p>\n");
      return;
    }
    Trial trial = best.get();
    Configuration defaults = study.space().defaults();
    out.append("<p>Trial ").append(trial.number()).append("</p>\n<div class=\"wide\"><table>\n");
    out.append("<tr><th>parameter</th><th>best</th><th>default</th></tr>\n");
    for (Parameter parameter : study.space().parameters()) {
      out.append("<tr><td>").append(escaped(parameter.name())).append("</td><td>");
      out.append(escaped(shown(trial.configuration().lookup(parameter.name()))))
          .append("</td><td>");
      out.append(escaped(shown(defaults.lookup(parameter.name())))).append("</td></tr>\n");
    }
    out.append("</table></div>\n");
  }

  private void history() {
    out.append("<h2>Scores</h2>\n<div class=\"wide\">\n")
        .append(new HistoryPlot(study.direction(), trials).svg())
        .append(
            "</div>\n<p>Each dot is a trial, the line the best score so far; a cross is a trial that failed.</p>\n");
  }

  private void parameters() {
    out.append("<h2>Parameters</h2>\n<div class=\"wide\"><table>\n");
    out.append(
        "<tr><th>parameter</th><th>type</th><th>values</th><th>default</th><th>active when</th></tr>\n");
    for (Parameter parameter : study.space().parameters()) {
      out.append("<tr><td>").append(escaped(parameter.name())).append("</td><td>");
      out.append(escaped(parameter.variable().type().name())).append("</td><td class=\"long\">");
      out.append(escaped(parameter.variable().domain().description())).append("</td><td>");
      out.append(escaped(shown(parameter.variable().defaultValue())))
          .append("</td><td class=\"long\">");
      out.append(escaped(String.join("; ", parameter.activeWhen()))).append("</td></tr>\n");
    }
    out.append("</table></div>\n");
  }

  private void rules() {
    if (study.space().rules().isEmpty()) {
      return;
    }
    out.append("<h2>Rules</h2>\n<div class=\"wide\"><table>\n");
    for (Rule rule : study.space().rules()) {
      out.append("<tr><td class=\"long\">").append(escaped(rule.toString())).append("</td></tr>\n");
    }
    out.append("</table></div>\n");
  }

  private void allTrials() {
    out.append(
        "<h2>Trials</h2>\n<div class=\"wide\"><table>\n<tr><th>trial</th><th>score</th><th>seconds</th><th>tokens</th>");
    study
        .space()
        .parameters()
        .forEach(parameter -> out.append("<th>").append(escaped(parameter.name())).append("</th>"));
    out.append("<th>note</th></tr>\n");
    trials.forEach(this::row);
    out.append("</table></div>\n");
  }

  private void row(Trial trial) {
    boolean isBest = best.isPresent() && best.get().number() == trial.number();
    out.append(isBest ? "<tr class=\"best\">" : "<tr>")
        .append("<td class=\"number\">")
        .append(trial.number());
    out.append("</td><td class=\"number\">")
        .append(trial.state() == TrialState.COMPLETE ? shown(trial.score()) : "");
    out.append("</td><td class=\"number\">")
        .append(
            trial
                .duration()
                .map(time -> String.format(Locale.ROOT, "%.2f", time.toMillis() / 1000.0))
                .orElse(""));
    out.append("</td><td class=\"number\">")
        .append("%,d".formatted(trial.cost().tokens()))
        .append("</td>");
    for (Parameter parameter : study.space().parameters()) {
      out.append("<td>")
          .append(escaped(shown(trial.configuration().lookup(parameter.name()))))
          .append("</td>");
    }
    out.append("<td class=\"long\">").append(note(trial)).append("</td></tr>\n");
  }

  private static String note(Trial trial) {
    return switch (trial.state()) {
      case COMPLETE -> "";
      case WAITING -> "waiting";
      case RUNNING -> "running";
      case PRUNED -> "pruned";
      case FAILED, STALE ->
          "<span class=\"failed\">"
              + escaped(trial.failure() == null ? "failed" : trial.failure())
              + "</span>";
    };
  }

  private static String shown(@Nullable Object value) {
    if (value == null) {
      return "\u2013";
    }
    return value instanceof Double number ? Figure.of(number) : value.toString();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
