package io.trimtab.study;

import io.trimtab.space.Configuration;
import io.trimtab.space.Parameter;
import io.trimtab.space.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The HTML page of one study. */
final class HtmlPage {
  /*
   * The words stand in the HTML, the pictures and the table of trials are drawn by report.js with Apache ECharts from data that
   * stands in the page as JSON. Nothing is loaded from anywhere, and a content security policy sees to it: it allows exactly the
   * two scripts of the page, named by their SHA-256, so that no text of a study can ever run.
   */

  private static final String FOLDER = "report/";

  private final Study study;
  private final List<Trial> trials;
  private final List<Trial> front;
  private final StringBuilder out = new StringBuilder();

  HtmlPage(Study study, List<Trial> trials) {
    this.study = study;
    this.trials = trials;
    this.front = study.paretoFront();
  }

  String render() {
    String charts = resource("echarts.min.js");
    String script = resource("report.js");
    out.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .append("style-src 'unsafe-inline'; img-src data:; script-src '")
        .append(digest(charts))
        .append("' '")
        .append(digest(script))
        .append("'\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .append(escaped("Study " + study.name()))
        .append("</title>\n<style>\n")
        .append(resource("report.css"))
        .append("</style>\n</head>\n<body>\n");
    heading();
    cards();
    out.append("<main>\n");
    bestConfigurations();
    out.append("</main>\n<main>\n");
    parameters();
    rules();
    out.append("</main>\n<footer>Made by Trimtab. Charts by Apache ECharts.</footer>\n")
        .append("<noscript><p>The charts and the table of trials need JavaScript.</p></noscript>\n")
        .append("<script type=\"application/json\" id=\"study\">")
        .append(new ReportData(study, trials).json())
        .append("</script>\n<script>")
        .append(charts)
        .append("</script>\n<script>")
        .append(script)
        .append("</script>\n");
    return out.append("</body>\n</html>\n").toString();
  }

  private static String resource(String name) {
    try (InputStream in = HtmlPage.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new AssertionError("the jar holds " + FOLDER + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private void heading() {
    String description = study.space().description();
    out.append("<header>\n<h1>")
        .append(escaped("Study \u201c" + study.name() + "\u201d"))
        .append("</h1>\n<p>")
        .append(escaped(description.isEmpty() ? "Space " + study.space().name() : description))
        .append("</p>\n<p>")
        .append(escaped(terms()))
        .append("</p>\n");
    study
        .attributes()
        .forEach(
            (key, value) -> out.append("<p>").append(escaped(key + ": " + value)).append("</p>\n"));
    out.append("</header>\n");
  }

  private String terms() {
    String goals = String.join(" and ", study.goals().stream().map(Goal::toString).toList());
    String pruning = study.pruner() == Pruner.none() ? "" : " Pruner %s.".formatted(study.pruner());
    return "%s. Sampler %s, seed %d.%s"
        .formatted(capitalized(goals), study.sampler(), study.seed(), pruning);
  }

  private static String capitalized(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private void cards() {
    out.append("<div class=\"cards\">\n");
    if (study.goals().size() == 1) {
      card(study.findBest().map(trial -> Figure.of(trial.score())).orElse("none"), "best score");
    } else {
      card(Integer.toString(front.size()), "on the Pareto front");
    }
    card("%,d".formatted(trials.size()), "trials");
    for (TrialState state : TrialState.values()) {
      long count = trials.stream().filter(trial -> trial.state() == state).count();
      if (count > 0) {
        card("%,d".formatted(count), state.name().toLowerCase(Locale.ROOT));
      }
    }
    span().ifPresent(span -> card(shown(span), "from first to last"));
    Cost cost = study.cost();
    if (cost.tokens() > 0) {
      card("%,d".formatted(cost.tokens()), "tokens");
    }
    if (cost.money() > 0) {
      card(String.format(Locale.ROOT, "%.4f", cost.money()), "money");
    }
    out.append("</div>\n");
  }

  private Optional<Duration> span() {
    Optional<Instant> first = trials.stream().map(Trial::startedAt).min(Comparator.naturalOrder());
    Optional<Instant> last =
        trials.stream()
            .flatMap(trial -> Optional.ofNullable(trial.finishedAt()).stream())
            .max(Comparator.naturalOrder());
    return first.isPresent() && last.isPresent()
        ? Optional.of(Duration.between(first.get(), last.get()))
        : Optional.empty();
  }

  private static String shown(Duration time) {
    if (time.toHours() > 0) {
      return "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
    }
    if (time.toMinutes() > 0) {
      return "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart());
    }
    return Figure.of(time.toMillis() / 1000.0) + " s";
  }

  private void card(String figure, String label) {
    out.append("<div class=\"card\"><b>")
        .append(escaped(figure))
        .append("</b><span>")
        .append(escaped(label))
        .append("</span></div>\n");
  }

  private void begin(String title, String note) {
    out.append("<section><div class=\"head\"><h2>")
        .append(escaped(title))
        .append("</h2><span class=\"note\">")
        .append(escaped(note))
        .append("</span></div>\n<div class=\"scroll\"><table>\n");
  }

  private void end() {
    out.append("</table></div></section>\n");
  }

  /** The best configuration beside the defaults, or the ends of the Pareto front side by side. */
  private void bestConfigurations() {
    if (front.isEmpty()) {
      out.append("<section><h2>Best configuration</h2>")
          .append("<p class=\"note\">No trial has ended with a score yet.</p></section>\n");
      return;
    }
    boolean single = study.goals().size() == 1;
    List<Trial> shown = single ? List.of(study.best()) : extremes();
    begin(
        single ? "Best configuration" : "Best at each goal",
        single ? "beside the defaults" : "the ends of the Pareto front, beside the defaults");
    out.append("<tr><th></th>");
    for (Trial trial : shown) {
      out.append("<th>trial ").append(trial.number()).append("</th>");
    }
    out.append("<th>default</th></tr>\n");
    for (int goal = 0; goal < study.goals().size(); goal++) {
      int index = goal;
      out.append("<tr class=\"best\"><td>")
          .append(escaped(study.goals().get(goal).name()))
          .append("</td>");
      shown.forEach(
          trial -> out.append("<td>").append(Figure.of(trial.scores().get(index))).append("</td>"));
      out.append("<td></td></tr>\n");
    }
    Configuration defaults = study.space().defaults();
    for (Parameter parameter : study.space().parameters()) {
      Object usual = defaults.lookup(parameter.name());
      out.append("<tr><td>").append(escaped(parameter.name())).append("</td>");
      for (Trial trial : shown) {
        Object value = trial.configuration().lookup(parameter.name());
        cell(value, value != null && value.equals(usual));
      }
      cell(usual, /* same= */ false);
      out.append("</tr>\n");
    }
    end();
  }

  private List<Trial> extremes() {
    List<Goal> goals = study.goals();
    return IntStream.range(0, goals.size())
        .mapToObj(
            goal ->
                front.stream()
                    .min(
                        Comparator.comparingDouble(
                            trial -> goals.get(goal).direction().loss(trial.scores().get(goal))))
                    .orElseThrow())
        .distinct()
        .toList();
  }

  private void cell(@Nullable Object value, boolean same) {
    out.append(same ? "<td class=\"long same\">" : "<td class=\"long\">")
        .append(escaped(shown(value)))
        .append("</td>");
  }

  private void parameters() {
    begin("Parameters", "");
    out.append(
        "<tr><th>parameter</th><th>type</th><th>values</th><th>default</th><th>active when</th></tr>\n");
    for (Parameter parameter : study.space().parameters()) {
      out.append("<tr><td>").append(escaped(parameter.name())).append("</td><td>");
      out.append(escaped(parameter.variable().type().name().toLowerCase(Locale.ROOT)))
          .append("</td><td class=\"long\">");
      out.append(escaped(parameter.variable().domain().description()))
          .append("</td><td class=\"long\">");
      out.append(escaped(shown(parameter.variable().defaultValue())))
          .append("</td><td class=\"long\">");
      out.append(escaped(String.join("; ", parameter.activeWhen()))).append("</td></tr>\n");
    }
    end();
  }

  private void rules() {
    if (study.space().rules().isEmpty()) {
      return;
    }
    begin("Rules", "");
    for (Rule rule : study.space().rules()) {
      out.append("<tr><td class=\"long\">").append(escaped(rule.toString())).append("</td></tr>\n");
    }
    end();
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
