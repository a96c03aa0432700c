package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.ConfigurationSpace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyReportTest {

  private static final String HOSTILE =
      "</script><script>alert('\u2028')</script> & \"quoted\", text";
  private static final Pattern SCRIPT =
      Pattern.compile("<script([^>]*)>(.*?)</script>", Pattern.DOTALL);

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 1.5)
          .choice("style", "plain", HOSTILE)
          .integer("steps", 3, 1, 8)
          .activeWhen("steps", "style == 'plain'")
          .build();

  private static Study study() {
    Study study = Study.of("tricks & <script>", SPACE).seed(4).build();
    study.enqueue(Map.of("style", HOSTILE));
    study.run(
        trial -> {
          trial.report(0, 0.5);
          trial.report(1, Double.NaN);
          return switch (trial.number()) {
            case 2 -> Outcome.failed("it, \"broke\"\nhere </script>");
            case 3 -> Outcome.pruned();
            default -> Outcome.of(trial.number() * 0.1, new Cost(10, 0.5));
          };
        },
        Budget.trials(6));
    study.ask();
    return study;
  }

  private static List<Matcher> scripts(String html) {
    List<Matcher> found = new ArrayList<>();
    Matcher matcher = SCRIPT.matcher(html);
    int from = 0;
    while (matcher.find(from)) {
      from = matcher.end();
      found.add(matcher);
      matcher = SCRIPT.matcher(html);
    }
    return found;
  }

  private static JsonObject data(String html) {
    List<Matcher> scripts = scripts(html);
    assertThat(scripts.get(0).group(1)).contains("application/json");
    return Json.parseObject(scripts.get(0).group(2), JsonLimits.DEFAULT);
  }

  @Test
  void html_allowsItsOwnTwoScriptsAndLoadsNothing(@TempDir Path folder) throws Exception {
    Path file = StudyReport.of(study()).writeHtml(folder.resolve("new/report.html"));

    String html = Files.readString(file);

    assertThat(html).startsWith("<!doctype html>").endsWith("</html>\n");
    List<Matcher> scripts = scripts(html);
    assertThat(scripts).hasSize(3); // the data, the charts' library, the page's own
    for (Matcher script : scripts.subList(1, 3)) {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(script.group(2).getBytes(StandardCharsets.UTF_8));
      assertThat(script.group(1)).isEmpty();
      assertThat(html).contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
    }
    String written = SCRIPT.matcher(html).replaceAll("");
    assertThat(written).contains("default-src 'none'");
    assertThat(written).doesNotContain("http:", "https:", "src=", "@import", "url(", "onclick=");
  }

  @Test
  void html_textsOfTheStudy_cannotEndTheirPlace() {
    String html = StudyReport.of(study()).html();

    assertThat(html).doesNotContain("<script>alert", "tricks & <script>");
    assertThat(html).contains("tricks &amp; &lt;script&gt;", "&lt;/script&gt;&lt;script&gt;alert");
    assertThat(data(html).string("name")).isEqualTo("tricks & <script>");
  }

  @Test
  void html_dataHoldsEveryTrialByColumn() {
    JsonObject data = data(StudyReport.of(study()).html());
    JsonObject trials = data.object("trials");

    assertThat(trials.list("number")).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(trials.list("state"))
        .containsExactly(
            "COMPLETE", "COMPLETE", "FAILED", "PRUNED", "COMPLETE", "COMPLETE", "RUNNING");
    assertThat((List<?>) trials.list("scores").get(0)).element(5).isEqualTo(0.5);
    assertThat((List<?>) trials.list("reports").get(0))
        .isEqualTo(List.of(List.of(0L, 0.5), java.util.Arrays.asList(1L, null)));
    assertThat((List<?>) trials.list("values").get(1)).element(0).isEqualTo(1L); // the second style
    assertThat((List<?>) trials.list("values").get(2)).element(0).isNull(); // inactive
    assertThat(trials.list("failure").get(2)).asString().contains("broke");
    assertThat(data.list("front")).containsExactly(5L);
    assertThat(data.objects("parameters").get(1).strings("options"))
        .containsExactly("plain", HOSTILE);
  }

  @Test
  void html_severalGoals_showTheEndsOfTheFront() {
    Study study =
        Study.of("two", SPACE)
            .maximize("right")
            .minimize("tokens")
            .sampler(RandomSampler.create())
            .build();
    study.tell(study.ask(), Outcome.ofAll(0.5, 100));
    study.tell(study.ask(), Outcome.ofAll(0.9, 900));
    study.tell(study.ask(), Outcome.ofAll(0.4, 950));

    String html = StudyReport.of(study).html();

    assertThat(html).contains("Best at each goal", "<th>trial 0</th>", "<th>trial 1</th>");
    assertThat(html).doesNotContain("<th>trial 2</th>");
    assertThat(data(html).list("front")).containsExactly(0L, 1L);
  }

  @Test
  void html_studyWithoutTrials_saysSo() {
    Study empty = Study.of("empty", SPACE).build();

    assertThat(StudyReport.of(empty).html()).contains("No trial has ended with a score yet");
  }

  @Test
  void html_tenThousandTrials_staysSmallEnoughToOpen() {
    Study study = Study.of("large", SPACE).sampler(RandomSampler.create()).build();
    study.run(
        trial -> Outcome.of(trial.configuration().getDouble("temperature")), Budget.trials(10_000));

    String html = StudyReport.of(study).html();

    assertThat(data(html).object("trials").list("number")).hasSize(10_000);
    assertThat(html.length()).isLessThan(4_000_000);
  }

  @Test
  void csv_quotesWhatNeedsIt() {
    String csv = StudyReport.of(study()).csv();
    List<String> lines = csv.lines().toList();

    assertThat(lines.get(0))
        .isEqualTo(
            "number,state,score,started_at,seconds,tokens,money,failure,temperature,style,steps");
    assertThat(lines.get(1)).startsWith("0,COMPLETE,0.0,").contains("\"\"quoted\"\"").endsWith(",");
    assertThat(csv).contains("\"it, \"\"broke\"\"\nhere </script>\"");
  }

  @Test
  void json_holdsEveryTrialAndTheBest() {
    JsonObject document = Json.parseObject(StudyReport.of(study()).json(), JsonLimits.DEFAULT);

    assertThat(document.string("format")).isEqualTo("trimtab.report/1");
    assertThat(document.list("best")).containsExactly(5L);
    assertThat(document.objects("trials")).hasSize(7);
    assertThat(document.objects("trials").get(2).string("failure")).contains("broke");
    assertThat(document.objects("trials").get(0).list("intermediate_values"))
        .containsExactly(List.of(0L, 0.5), List.of(1L, "NaN"));
    assertThat(document.objects("trials").get(0).object("configuration").string("style"))
        .contains("quoted");
  }
}
