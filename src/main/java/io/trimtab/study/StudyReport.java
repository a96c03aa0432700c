package io.trimtab.study;

import io.trimtab.json.Json;
import io.trimtab.space.Parameter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What a study found, for people and other programs: one self-contained HTML page, CSV and JSON.
 *
 * <pre>{@code
 * StudyReport.of(study).writeHtml(Path.of("report.html"));
 * }</pre>
 *
 * <p>A snapshot of the trials when it was made; immutable.
 */
public final class StudyReport {

  private final Study study;
  private final List<Trial> trials;

  private StudyReport(Study study) {
    this.study = study;
    this.trials = study.trials();
  }

  /**
   * Takes a report of the trials so far.
   *
   * @param study the study
   * @return the report
   */
  public static StudyReport of(Study study) {
    return new StudyReport(study);
  }

  /**
   * Returns one HTML page that needs nothing else: the best configuration, a plot of the scores,
   * the parameters and every trial.
   *
   * @return the page; it loads nothing from anywhere and follows the reader's light or dark theme
   */
  public String html() {
    return new HtmlPage(study, trials).render();
  }

  /**
   * Writes the HTML page to a file.
   *
   * @param file where to write; its folder is made if it does not exist
   * @return the file
   * @throws IOException if it cannot be written
   */
  public Path writeHtml(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    return Files.writeString(file, html(), StandardCharsets.UTF_8);
  }

  /**
   * Returns one line per trial after a header: number, state, score, start, seconds, tokens, money,
   * failure and one column per parameter, empty where it is inactive.
   *
   * @return comma-separated values as RFC 4180 has them, lines ending in CRLF
   */
  public String csv() {
    StringBuilder out = new StringBuilder();
    List<String> header =
        new ArrayList<>(
            List.of(
                "number", "state", "score", "started_at", "seconds", "tokens", "money", "failure"));
    study.space().parameters().forEach(parameter -> header.add(parameter.name()));
    appendLine(out, header);
    for (Trial trial : trials) {
      appendLine(out, cells(trial));
    }
    return out.toString();
  }

  private List<String> cells(Trial trial) {
    List<String> cells = new ArrayList<>();
    cells.add(Integer.toString(trial.number()));
    cells.add(trial.state().name());
    cells.add(trial.state() == TrialState.COMPLETE ? Double.toString(trial.score()) : "");
    cells.add(trial.startedAt().toString());
    cells.add(
        trial.duration().map(duration -> Double.toString(duration.toMillis() / 1000.0)).orElse(""));
    cells.add(Long.toString(trial.cost().tokens()));
    cells.add(Double.toString(trial.cost().money()));
    cells.add(trial.failure() == null ? "" : trial.failure());
    for (Parameter parameter : study.space().parameters()) {
      Object value = trial.configuration().lookup(parameter.name());
      cells.add(value == null ? "" : value.toString());
    }
    return cells;
  }

  private static void appendLine(StringBuilder out, List<String> cells) {
    StringJoiner line = new StringJoiner(",", "", "\r\n");
    cells.forEach(cell -> line.add(quoted(cell)));
    out.append(line);
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }

  /**
   * Returns the study as {@code "format": "trimtab.study/1"}: name, direction, sampler, seed, best
   * trial's number and all trials.
   *
   * @return an indented JSON document
   */
  public String json() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("format", "trimtab.study/1");
    document.put("name", study.name());
    document.put("space", study.space().name());
    document.put("direction", study.direction().name());
    document.put("sampler", study.sampler().name());
    document.put("seed", study.seed());
    study.findBest().ifPresent(best -> document.put("best", (long) best.number()));
    document.put("trials", trials.stream().map(StudyReport::tree).toList());
    return Json.writePretty(document);
  }

  private static Map<String, Object> tree(Trial trial) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("number", (long) trial.number());
    tree.put("state", trial.state().name());
    if (trial.state() == TrialState.COMPLETE) {
      tree.put("score", trial.score());
    }
    tree.put("started_at", trial.startedAt().toString());
    if (trial.finishedAt() != null) {
      tree.put("finished_at", trial.finishedAt().toString());
    }
    tree.put("tokens", trial.cost().tokens());
    tree.put("money", trial.cost().money());
    if (trial.failure() != null) {
      tree.put("failure", trial.failure());
    }
    tree.put("configuration", trial.configuration().toTree());
    tree.put("attributes", trial.attributes());
    return tree;
  }
}
