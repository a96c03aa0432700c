package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.LanguageModel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A hostile server costs a caller no more than the deadline, the bound, and an exception. */
final class HostileServerTest {

  private static LanguageModel openAi(String url, Deadlines deadlines) {
    return OpenAiModel.builder()
        .baseUrl(url)
        .apiKey(HostileServerCheck.KEY)
        .model("m")
        .deadlines(deadlines)
        .maxResponseBytes(HostileServerCheck.MAX_BYTES)
        .build();
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void everyHostileServer_isContained(Form form) throws Exception {
    List<String> violations = new HostileServerCheck(HostileServerTest::openAi).violations(form);

    assertThat(violations).isEmpty();
  }

  @Test
  void carefulNaiveClient_passesTheCheck() throws Exception {
    List<String> violations =
        new HostileServerCheck((url, deadlines) -> new NaiveModel(url, deadlines, Set.of()))
            .violations(Form.BLOCKING);

    assertThat(violations).isEmpty();
  }

  @Test
  void transportWithRequestTimeoutOnly_isCaught() throws Exception {
    assertThat(violations("slow body", NaiveModel.Fault.REQUEST_TIMEOUT_ONLY))
        .anyMatch(violation -> violation.contains("took PT"));
  }

  @Test
  void transportWithoutBoundOnBodies_isCaught() throws Exception {
    assertThat(violations("endless body", NaiveModel.Fault.UNBOUNDED))
        .anyMatch(violation -> violation.contains("MiB") || violation.contains("took PT"));
  }

  @Test
  void transportThatFollowsRedirects_isCaught() throws Exception {
    assertThat(violations("redirect to another host", NaiveModel.Fault.FOLLOWS_REDIRECTS))
        .anyMatch(violation -> violation.contains("followed, key sent: true"));
  }

  @Test
  void transportThatDecodesLeniently_isCaught() throws Exception {
    assertThat(violations("malformed UTF-8", NaiveModel.Fault.LENIENT))
        .anyMatch(violation -> violation.contains("for an answer"));
  }

  @Test
  void readerThatTakesTheEndForAnAnswer_isCaught() throws Exception {
    assertThat(violations("ends without finish reason", NaiveModel.Fault.TRUSTS_THE_END))
        .anyMatch(violation -> violation.contains("for an answer"));
  }

  private static List<String> violations(String name, NaiveModel.Fault fault) throws Exception {
    Form form = fault == NaiveModel.Fault.TRUSTS_THE_END ? Form.STREAM : Form.BLOCKING;
    return new HostileServerCheck((url, deadlines) -> new NaiveModel(url, deadlines, Set.of(fault)))
        .violations(form, hostile -> hostile.name().equals(name));
  }
}
