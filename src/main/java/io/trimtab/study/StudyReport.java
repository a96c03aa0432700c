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
   * Returns one HTML page that needs nothing else: the best configuration, charts of the scores and
   * of what they depend on, and every trial in a table that can be filtered.
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
    return write(file, html());
  }

  private static Path write(Path file, String text) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    return Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  /**
   * Writes the study as a file of Optuna's {@code JournalStorage}, so that Optuna and its dashboard
   * open it. What Optuna does not know (rules, conditions, stale trials) is left out or written as
   * the nearest it knows.
   *
   * @param file where to write; its folder is made if it does not exist
   * @return the file
   * @throws IOException if it cannot be written
   */
  public Path writeOptunaJournal(Path file) throws IOException {
    return write(file, optunaJournal());
  }

  /**
   * Returns the study in the format of {@link #writeOptunaJournal}.
   *
   * @return one JSON object per line
   */
  public String optunaJournal() {
    return new OptunaJournal(study, trials).text();
  }

  /**
   * Returns one line per trial after a header: number, state, one column per goal, start, seconds,
   * tokens, money, failure and one column per parameter, empty where it is inactive.
   *
   * @return comma-separated values as RFC 4180 has them, lines ending in CRLF
   */
  public String csv() {
    StringBuilder out = new StringBuilder();
    List<String> header = new ArrayList<>(List.of("number", "state"));
    study.goals().forEach(goal -> header.add(goal.name()));
    header.addAll(List.of("started_at", "seconds", "tokens", "money", "failure"));
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
    for (int goal = 0; goal < study.goals().size(); goal++) {
      cells.add(trial.scores().isEmpty() ? "" : Double.toString(trial.scores().get(goal)));
    }
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
   * Returns the study as {@code "format": "trimtab.report/1"}: name, goals, sampler, seed, the
   * numbers of the best trials, and all trials.
   *
   * @return an indented JSON document; a number that is not finite stands as a text
   */
  public String json() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("format", "trimtab.report/1");
    document.put("name", study.name());
    document.put("space", study.space().name());
    document.put("goals", study.goals().stream().map(StudyReport::tree).toList());
    document.put("sampler", study.sampler().name());
    document.put("seed", study.seed());
    document.put("best", study.paretoFront().stream().map(Trial::number).toList());
    document.put("attributes", study.attributes());
    document.put("trials", trials.stream().map(StudyReport::tree).toList());
    return Json.writePretty(document);
  }

  private static Map<String, Object> tree(Goal goal) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", goal.name());
    tree.put("direction", goal.direction().name());
    return tree;
  }

  private static Map<String, Object> tree(Trial trial) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("number", trial.number());
    tree.put("state", trial.state().name());
    tree.put("scores", trial.scores());
    tree.put("started_at", trial.startedAt().toString());
    if (trial.finishedAt() != null) {
      tree.put("finished_at", trial.finishedAt().toString());
    }
    tree.put("tokens", trial.cost().tokens());
    tree.put("money", JournalCodec.number(trial.cost().money()));
    if (trial.failure() != null) {
      tree.put("failure", trial.failure());
    }
    if (trial.retryOf().isPresent()) {
      tree.put("retry_of", trial.retryOf().getAsInt());
    }
    if (trial.late()) {
      tree.put("late", true);
    }
    tree.put("configuration", trial.configuration().toTree());
    if (!trial.intermediateValues().isEmpty()) {
      tree.put(
          "intermediate_values",
          trial.intermediateValues().stream().map(StudyReport::pair).toList());
    }
    tree.put("attributes", trial.attributes());
    return tree;
  }

  private static List<Object> pair(IntermediateValue report) {
    return List.of(report.step(), JournalCodec.number(report.value()));
  }
}
