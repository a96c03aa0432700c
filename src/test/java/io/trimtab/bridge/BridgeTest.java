package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.program.CallOptions;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Prediction;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs real Python programs in a real sidecar. */
@RequiresPython
class BridgeTest {

  private static Sidecar sidecar;

  private Session session;
  private Bridge bridge;

  @BeforeAll
  static void launch() {
    sidecar =
        TestSidecars.launch()
            .pythonPath(Path.of("src", "test", "python"))
            .programModules("bridge_programs")
            .start();
  }

  @AfterAll
  static void end() {
    sidecar.close();
  }

  @BeforeEach
  void join() {
    session = Session.builder().id("bridge-test-" + UUID.randomUUID()).open();
    session.register(Variable.floating("temperature", 0.25, 0.0, 2.0));
    bridge = Bridge.between(session, sidecar).open();
  }

  @AfterEach
  void part() {
    bridge.close();
    session.close();
  }

  @Test
  void program_first_movesTheSessionOnceAndKeepsItsVariables() {
    assertThat(session.backend().requiresBridge()).isFalse();

    bridge.program("echo");
    bridge.program("reader");

    assertThat(session.backend().requiresBridge()).isTrue();
    assertThat(session.backend().switches()).hasSize(1);
    assertThat(session.getDouble("temperature")).isEqualTo(0.25);
  }

  @Test
  void run_echo_bringsEveryKindOfInputBack() {
    BridgedProgram echo = bridge.program("echo");

    for (Object value : List.of("emoji \uD83D\uDE00", 1L << 53, -0.0, true, List.of(1L, "a"))) {
      assertThat(echo.run(Map.of("text", value), session).get("said")).isEqualTo(value);
    }
    assertThat(echo.description()).isEqualTo("Says what it is told.");
    assertThat(echo.signature().outputNames()).containsExactly("said");
  }

  @Test
  void run_withACandidate_seesItsValuesAndNotTheSessions() {
    BridgedProgram reader = bridge.program("reader");
    ConfigurationSpace space =
        ConfigurationSpace.named("s").floating("temperature", 0.5, 0.0, 2.0).build();

    Prediction candidate =
        reader.run(Map.of("name", "temperature"), space.defaults().with("temperature", 1.75));
    Prediction live = reader.run(Map.of("name", "temperature"), session);

    assertThat(candidate.getString("value")).isEqualTo("1.75");
    assertThat(live.getString("value")).isEqualTo("0.25");
  }

  @Test
  void run_afterAWriteInJava_seesTheNewValue() {
    BridgedProgram reader = bridge.program("reader");

    for (double value : new double[] {0.0, 0.5, 1.5}) {
      session.set("temperature", value);
      assertThat(reader.run(Map.of("name", "temperature"), session).getString("value"))
          .isEqualTo(String.valueOf(value));
    }
  }

  @Test
  void run_thatWrites_isSeenInJavaAtOnce() {
    BridgedProgram writer = bridge.program("writer");

    Prediction answer = writer.run(Map.of("value", 1.5), VariableSource.empty());

    assertThat(session.getDouble("temperature")).isEqualTo(1.5);
    assertThat(session.state("temperature").version()).isEqualTo(answer.getLong("version"));
    assertThat(session.state("temperature").source()).isEqualTo("python");
  }

  @Test
  void run_thatBreaksARuleOfASpace_isRefusedByTheJvmsRules() {
    session.delete("temperature");
    session.register(
        ConfigurationSpace.named("agent")
            .floating("temperature", 0.7, 0.0, 2.0)
            .integer("max_iters", 9, 3, 10)
            .require("max_iters < 8 || temperature < 1.0", "long runs stay cool")
            .build());
    BridgedProgram writer = bridge.program("writer");

    assertThatThrownBy(() -> writer.run(Map.of("value", 1.5), VariableSource.empty()))
        .isInstanceOfSatisfying(
            InvalidConfigurationException.class, e -> assertThat(e.space()).isEqualTo("agent"))
        .hasMessageContaining("long runs stay cool");
    assertThat(session.getDouble("temperature")).isEqualTo(0.7);
  }

  @Test
  void run_thatRaises_tellsTypeMessageAndTraceback() {
    BridgedProgram failing = bridge.program("failing");

    assertThatThrownBy(() -> failing.run(Map.of("text", "spam"), session))
        .isInstanceOfSatisfying(
            ProgramFailedException.class,
            e -> {
              assertThat(e.pythonType()).isEqualTo("ValueError");
              assertThat(e).hasMessageContaining("I do not like spam");
              assertThat(e.traceback()).contains("bridge_programs.py");
            });
  }

  @Test
  void run_pastItsTimeout_endsWithTheLimit() {
    BridgedProgram endless = bridge.program("endless");
    Duration limit = Duration.ofMillis(200);

    assertThatThrownBy(
            () ->
                endless.run(
                    FieldValues.of("text", ""), session, CallOptions.NONE.withTimeout(limit)))
        .isInstanceOfSatisfying(
            ProgramTimeoutException.class, e -> assertThat(e.limit()).isEqualTo(limit));
  }

  @Test
  void run_cancelled_freesThePythonWorker() throws Exception {
    BridgedProgram endless = bridge.program("endless");
    BridgedProgram echo = bridge.program("echo");
    List<CompletableFuture<Prediction>> stuck = new ArrayList<>();
    for (int i = 0; i < 100; i++) { // more than the sidecar has workers
      stuck.add(endless.runAsync(FieldValues.of("text", ""), session));
    }

    stuck.forEach(run -> run.cancel(true));

    assertThat(echo.runAsync(FieldValues.of("text", "free"), session).get(30, TimeUnit.SECONDS))
        .hasToString("{said=free}");
    assertThat(stuck)
        .allSatisfy(run -> assertThatThrownBy(run::join).isInstanceOf(CancellationException.class));
  }

  @Test
  void runAll_manyInputs_answersInTheirOrder() throws Exception {
    BridgedProgram echo = bridge.program("echo");
    List<FieldValues> inputs = new ArrayList<>();
    for (long i = 0; i < 200; i++) {
      inputs.add(FieldValues.of("text", i));
    }

    List<CompletableFuture<Prediction>> answers = echo.runAll(inputs, session, CallOptions.NONE);

    for (int i = 0; i < inputs.size(); i++) {
      assertThat(answers.get(i).get(30, TimeUnit.SECONDS).getLong("said")).isEqualTo(i);
    }
  }

  @Test
  void run_missingInput_isRefusedHereWithItsName() {
    BridgedProgram echo = bridge.program("echo");

    assertThatThrownBy(() -> echo.run(Map.of(), session))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[text]");
  }

  @Test
  void program_unknown_namesThoseThereAre() {
    assertThatThrownBy(() -> bridge.program("delete_all"))
        .isInstanceOfSatisfying(
            ProgramNotFoundException.class,
            e -> assertThat(e.known()).contains("echo", "reader", "writer"));
  }

  @Test
  void programs_areListedByName() {
    assertThat(bridge.programs())
        .extracting(BridgedProgram::name)
        .containsExactly("echo", "endless", "failing", "reader", "writer");
  }

  @Test
  void close_endsRunsUnderWay() {
    CompletableFuture<Prediction> run =
        bridge.program("endless").runAsync(FieldValues.of("text", ""), session);

    bridge.close();

    assertThatThrownBy(run::join).hasCauseInstanceOf(BridgeUnavailableException.class);
  }
}
