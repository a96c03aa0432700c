package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.space.ConfigurationSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyReportTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 1.5)
          .choice("style", "plain", "a, \"quoted\" <b>style</b>")
          .build();

  private static Study study() {
    Study study = Study.of("tricks & <script>", SPACE).seed(4).build();
    study.enqueue(Map.of("style", "a, \"quoted\" <b>style</b>"));
    study.run(
        trial ->
            trial.number() == 2
                ? Outcome.failed("it, \"broke\"\nhere")
                : Outcome.of(trial.number() * 0.1, new Cost(10, 0.5)),
        Budget.trials(5));
    return study;
  }

  @Test
  void html_isSelfContainedEscapedAndShowsEveryTrial(@TempDir Path folder) throws IOException {
    Path file = StudyReport.of(study()).writeHtml(folder.resolve("new/report.html"));

    String html = Files.readString(file);

    assertThat(html).startsWith("<!doctype html>").endsWith("</html>\n");
    assertThat(html)
        .doesNotContain("<script", "http://", "https://", "src=", "@import", "<b>style");
    assertThat(html)
        .contains("tricks &amp; &lt;script&gt;", "it, &quot;broke&quot;", "<tr class=\"best\">");
    assertThat(html.split("class=\"dot\"", -1)).hasSize(4 + 1);
    assertThat(html.split("class=\"cross\"", -1)).hasSize(1 + 1);
  }

  @Test
  void html_studyWithoutTrials_saysSo() {
    Study empty = Study.of("empty", SPACE).build();

    assertThat(StudyReport.of(empty).html()).contains("No trial has ended with a score yet");
  }

  @Test
  void csv_quotesWhatNeedsIt() {
    List<String> lines = StudyReport.of(study()).csv().lines().toList();

    assertThat(lines.get(0))
        .isEqualTo("number,state,score,started_at,seconds,tokens,money,failure,temperature,style");
    assertThat(lines.get(1))
        .startsWith("0,COMPLETE,0.0,")
        .endsWith(",\"a, \"\"quoted\"\" <b>style</b>\"");
    assertThat(StudyReport.of(study()).csv()).contains("\"it, \"\"broke\"\"\nhere\"");
  }

  @Test
  void json_holdsEveryTrialAndTheBest() {
    JsonObject document = Json.parseObject(StudyReport.of(study()).json(), JsonLimits.DEFAULT);

    assertThat(document.string("format")).isEqualTo("trimtab.study/1");
    assertThat(document.integer("best")).isEqualTo(4);
    assertThat(document.objects("trials")).hasSize(5);
    assertThat(document.objects("trials").get(2).string("failure")).contains("broke");
    assertThat(document.objects("trials").get(0).object("configuration").string("style"))
        .contains("quoted");
  }
}
