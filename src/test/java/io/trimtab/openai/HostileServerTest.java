package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A hostile server costs a caller no more than the deadline, the bound, and an exception. */
final class HostileServerTest {

  private static final boolean LONG = System.getProperty("trimtab.profile", "short").equals("long");

  private static final long MOST_KEPT = 8 << 20;

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

  @ParameterizedTest
  @EnumSource(Form.class)
  void serverThatSpeaksHttpNoMore_isHungUpOn(Form form) throws Throwable {
    AtomicInteger requests = new AtomicInteger();
    AtomicInteger babbling = new AtomicInteger();
    byte[] answer = RawServer.json(RawServer.answer("hi"));
    try (RawServer server =
            new RawServer(
                peer -> {
                  while (peer.readRequest() != null) {
                    if (requests.incrementAndGet() <= 2) {
                      peer.write(answer);
                    } else {
                      babbling.incrementAndGet();
                      peer.write("hello there\r\n\r\n");
                      peer.awaitHangUp();
                      babbling.decrementAndGet();
                    }
                  }
                });
        LanguageModel model = openAi(server.url(), HostileServerCheck.DEADLINES)) {
      Form.BLOCKING.ask(model, "x");
      Form.BLOCKING.ask(model, "x");
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> form.ask(model, "x")).isInstanceOf(LmException.class);
      }

      // Before JDK 21 a blocking call has no way to hang up; the next one knows better.
      int most = Runtime.version().feature() < 21 && form == Form.BLOCKING ? 1 : 0;
      long until = System.nanoTime() + 10_000_000_000L;
      while (babbling.get() > most && System.nanoTime() - until < 0) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(babbling.get()).isLessThanOrEqualTo(most);
      assertThat(requests.get()).isGreaterThanOrEqualTo(22);
    }
  }

  @Test
  void floodsFromAllSides_leaveNoMemoryBehind() throws Throwable {
    List<HostileCase> floods =
        HostileCase.all("http://127.0.0.2:1").stream()
            .filter(
                hostile -> hostile.name().matches(".*(endless|huge|without end|does not end).*"))
            .toList();
    assertThat(floods).hasSizeGreaterThan(6);
    AtomicInteger next = new AtomicInteger();
    try (RawServer server =
            new RawServer(
                peer -> {
                  if (peer.readRequest() != null) {
                    HostileCase flood = floods.get(next.getAndIncrement() % floods.size());
                    if (flood.streamed()) {
                      peer.write(RawServer.SSE_HEAD);
                    }
                    flood.script().serve(peer, new AtomicLong());
                  }
                });
        LanguageModel model = openAi(server.url(), HostileServerCheck.DEADLINES)) {
      flood(model, 30);
      long before = usedMemory();
      flood(model, LONG ? 10_000 : 90);
      server.requests().clear(); // which the server keeps, not the client

      assertThat(settledMemory(before + MOST_KEPT) - before).isLessThan(MOST_KEPT);
    }
  }

  private static void flood(LanguageModel model, int calls) throws Throwable {
    for (int i = 0; i < calls; i++) {
      Form form = Form.values()[i % 3];
      assertThatThrownBy(() -> form.ask(model, "x")).isInstanceOf(LmException.class);
    }
  }

  private static long settledMemory(long wanted) {
    long until = System.nanoTime() + 30_000_000_000L;
    while (usedMemory() > wanted && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(100_000_000);
    }
    return usedMemory();
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
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
        // JDK 17 hands the key over as well; later ones keep it back
        .anyMatch(violation -> violation.contains("followed, key sent: "));
  }

  @Test
  void transportThatStaysOnTheLine_isCaught() throws Exception {
    assertThat(violations("no HTTP at all", NaiveModel.Fault.STAYS_ON_THE_LINE))
        .anyMatch(violation -> violation.contains("did not hang up"));
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
