package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.bridge.wire.ChatMessage;
import io.trimtab.bridge.wire.Commit;
import io.trimtab.bridge.wire.HostAnswer;
import io.trimtab.bridge.wire.HostCall;
import io.trimtab.bridge.wire.ModelCall;
import io.trimtab.bridge.wire.ModelOptions;
import io.trimtab.bridge.wire.ModelRequest;
import io.trimtab.bridge.wire.Reason;
import io.trimtab.bridge.wire.Role;
import io.trimtab.bridge.wire.SpaceApply;
import io.trimtab.bridge.wire.SpaceCall;
import io.trimtab.bridge.wire.SpaceSample;
import io.trimtab.bridge.wire.SpaceValidate;
import io.trimtab.bridge.wire.ToolRun;
import io.trimtab.bridge.wire.Write;
import io.trimtab.lm.LmErrorOrigin;
import io.trimtab.lm.LmRateLimitedException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.ModelKey;
import io.trimtab.lm.ScriptedAnswer;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.program.Tool;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostDeskTest {

  private record Sum(long a, long b) {}

  private final ConfigurationSpace space =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 1.5)
          .integer("max_iters", 5, 3, 10)
          .require("max_iters < 8 || temperature < 1.0", "long runs stay cool")
          .build();
  private final Session session = Session.open();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ModelCalls calls = new ModelCalls();
  private final ScriptedLanguageModel model =
      ScriptedLanguageModel.builder().otherwise(ScriptedAnswer.text("yes")).build();

  @AfterEach
  void close() {
    executor.shutdownNow();
    session.close();
  }

  private HostDesk desk(ScriptedLanguageModel model, Tool... tools) {
    Map<String, Tool> byName = new java.util.LinkedHashMap<>();
    for (Tool tool : tools) {
      byName.put(tool.name(), tool);
    }
    return new HostDesk(Map.of("", model), byName, new SpaceDesk(session), calls, executor);
  }

  private static HostAnswer get(CompletableFuture<HostAnswer> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(10, TimeUnit.SECONDS);
  }

  private HostAnswer answer(HostCall call)
      throws InterruptedException, ExecutionException, TimeoutException {
    return get(desk(model).answer(call, chunk -> {}));
  }

  private static HostCall ask(String modelName, boolean stream) {
    return HostCall.newBuilder()
        .setModel(
            ModelCall.newBuilder()
                .setName(modelName)
                .setStream(stream)
                .setRequest(
                    ModelRequest.newBuilder()
                        .addMessages(ChatMessage.newBuilder().setRole(Role.USER).setText("Is it?"))
                        .setOptions(ModelOptions.newBuilder().setTemperature(0.0).setN(2))))
        .build();
  }

  @Test
  void model_zeroTemperature_reachesTheRequest() throws Exception {
    HostAnswer answer = answer(ask("", /* stream= */ false));

    assertThat(answer.getModel().getCompletions(0).getText()).isEqualTo("yes");
    LmRequest asked = model.requests().get(0);
    assertThat(asked.options().temperature()).isEqualTo(0.0);
    assertThat(asked.options().n()).isEqualTo(2);
    assertThat(asked.messages().get(0).text()).isEqualTo("Is it?");
  }

  @Test
  void model_unknownName_namesThoseOffered() throws Exception {
    HostAnswer answer = answer(ask("gpt-9", /* stream= */ false));

    assertThat(answer.getFailure().getReason()).isEqualTo(Reason.ILLEGAL_ARGUMENT);
    assertThat(answer.getFailure().getMessage()).contains("gpt-9", "[]");
  }

  @Test
  void model_ofARun_isNotedThere() throws Exception {
    try (ModelCalls.OfRun run = calls.begin()) {
      get(desk(model).answer(ask("", false).toBuilder().setRunId(run.id()).build(), chunk -> {}));

      assertThat(run.answered()).hasSize(1);
      assertThat(run.answered().get(0).response().text()).isEqualTo("yes");
    }
  }

  @Test
  void model_rateLimited_saysHowLongToWaitAndIsNotedAsTheCause() throws Exception {
    LmRateLimitedException failure =
        new LmRateLimitedException(
            "too many requests",
            Duration.ofSeconds(3),
            LmErrorOrigin.of(ModelKey.local("test", "m"), 429),
            null);
    ScriptedLanguageModel limited = ScriptedLanguageModel.builder().fail(failure).build();
    try (ModelCalls.OfRun run = calls.begin()) {

      HostAnswer answer =
          get(
              desk(limited)
                  .answer(ask("", false).toBuilder().setRunId(run.id()).build(), chunk -> {}));

      assertThat(answer.getFailure().getReason()).isEqualTo(Reason.LM_FAILED);
      assertThat(answer.getFailure().getType()).isEqualTo("LmRateLimitedException");
      assertThat(answer.getFailure().getNumber()).isEqualTo(3000);
      assertThat(run.failure()).isSameAs(failure);
    }
  }

  @Test
  void model_streamed_sendsPiecesThenTheWholeAnswerAsTheLast() throws Exception {
    ScriptedLanguageModel talkative =
        ScriptedLanguageModel.answering("a text of more than one piece");
    List<String> pieces = new ArrayList<>();

    HostAnswer last =
        get(
            desk(talkative)
                .answer(
                    ask("", /* stream= */ true), chunk -> pieces.add(chunk.getChunk().getText())));

    assertThat(String.join("", pieces)).isEqualTo("a text of more than one piece");
    assertThat(pieces.size()).isGreaterThan(1);
    assertThat(last.getChunk().getEnd().getCompletions(0).getText())
        .isEqualTo("a text of more than one piece");
  }

  @Test
  void model_cancelled_cancelsTheModelsCall() {
    ScriptedLanguageModel silent =
        ScriptedLanguageModel.builder().otherwise(ScriptedAnswer.never()).build();
    CompletableFuture<HostAnswer> answer =
        desk(silent).answer(ask("", /* stream= */ false), chunk -> {});

    answer.cancel(true);

    assertThat(silent.cancelled()).isEqualTo(1);
    assertThat(silent.active()).isZero();
  }

  @Test
  void tool_offered_runsWithCheckedArguments() throws Exception {
    Tool add = Tool.of("add", "Adds.", Sum.class, sum -> sum.a() + sum.b());
    HostCall call =
        HostCall.newBuilder()
            .setTool(
                ToolRun.newBuilder()
                    .setName("add")
                    .setArguments(WireData.map("args", Map.of("a", 2, "b", 3))))
            .build();

    assertThat(get(desk(model, add).answer(call, chunk -> {})).getTool().getIntegerValue())
        .isEqualTo(5);
  }

  @Test
  void tool_badArguments_areToldAsViolations() throws Exception {
    Tool add = Tool.of("add", "Adds.", Sum.class, sum -> sum.a() + sum.b());
    HostCall call =
        HostCall.newBuilder()
            .setTool(
                ToolRun.newBuilder()
                    .setName("add")
                    .setArguments(WireData.map("args", Map.of("a", "two"))))
            .build();

    HostAnswer answer = get(desk(model, add).answer(call, chunk -> {}));

    assertThat(answer.getFailure().getReason()).isEqualTo(Reason.INVALID_VALUE);
    assertThat(answer.getFailure().getViolationsList()).hasSize(2);
  }

  @Test
  void tool_notOffered_isRefused() throws Exception {
    HostCall call =
        HostCall.newBuilder().setTool(ToolRun.newBuilder().setName("delete_all")).build();

    assertThat(answer(call).getFailure().getMessage()).contains("delete_all");
  }

  @Test
  void tool_cancelled_isInterrupted() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Tool stuck =
        Tool.of(
            "stuck",
            "Waits.",
            Sum.class,
            sum -> {
              started.countDown();
              try {
                new CountDownLatch(1).await();
                return false;
              } catch (InterruptedException e) {
                return interrupted.complete(true);
              }
            });
    HostCall call =
        HostCall.newBuilder()
            .setTool(
                ToolRun.newBuilder()
                    .setName("stuck")
                    .setArguments(WireData.map("args", Map.of("a", 1, "b", 1))))
            .build();
    CompletableFuture<HostAnswer> answer = desk(model, stuck).answer(call, chunk -> {});
    started.await(10, TimeUnit.SECONDS);

    answer.cancel(true);

    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
  }

  private static HostCall of(SpaceCall.Builder call) {
    return HostCall.newBuilder().setSpace(call).build();
  }

  @Test
  void space_definedInPython_isRegisteredSampledAndApplied() throws Exception {
    HostAnswer registered = answer(of(SpaceCall.newBuilder().setRegister(space.toJson())));

    assertThat(registered.getSpace().getVersion()).isEqualTo(1);
    assertThat(session.configuration("agent").space()).isEqualTo(space);

    HostAnswer drawn =
        answer(
            of(
                SpaceCall.newBuilder()
                    .setSample(SpaceSample.newBuilder().setName("agent").setSeed(7).setCount(20))));
    assertThat(drawn.getSpace().getConfigurationsList())
        .hasSize(20)
        .allSatisfy(
            values ->
                assertThat(
                        values.getValuesOrThrow("max_iters").getIntegerValue() < 8
                            || values.getValuesOrThrow("temperature").getFloatValue() < 1.0)
                    .isTrue());

    HostAnswer applied =
        answer(
            of(
                SpaceCall.newBuilder()
                    .setApply(
                        SpaceApply.newBuilder()
                            .setName("agent")
                            .putChanges("temperature", WireValues.of(0.2)))));
    assertThat(applied.getSpace().getVersion()).isEqualTo(2);
    assertThat(session.getDouble("temperature")).isEqualTo(0.2);
    assertThat(session.state("temperature").source()).isEqualTo("python");
  }

  @Test
  void space_validate_reportsEveryViolation() throws Exception {
    session.register(space);
    HostAnswer answer =
        answer(
            of(
                SpaceCall.newBuilder()
                    .setValidate(
                        SpaceValidate.newBuilder()
                            .setName("agent")
                            .putValues("temperature", WireValues.of(9.0))
                            .putValues("colour", WireValues.of("red")))));

    assertThat(answer.hasFailure()).isFalse();
    assertThat(answer.getSpace().getViolationsList())
        .extracting(violation -> violation.getSubject())
        .contains("temperature", "colour", "max_iters");
  }

  @Test
  void commit_thatBreaksARule_changesNothing() throws Exception {
    session.register(space);
    Commit commit =
        Commit.newBuilder()
            .addWrites(Write.newBuilder().setKey("temperature").setSet(WireValues.of(1.4)))
            .addWrites(Write.newBuilder().setKey("max_iters").setSet(WireValues.of(9L)))
            .build();

    HostAnswer answer = answer(HostCall.newBuilder().setCommit(commit).build());

    assertThat(answer.getFailure().getReason()).isEqualTo(Reason.INVALID_CONFIGURATION);
    assertThat(answer.getFailure().getMessage()).contains("long runs stay cool");
    assertThat(session.getLong("max_iters")).isEqualTo(5);
  }

  @Test
  void call_ofAKindThisVersionDoesNotKnow_isRefused() throws Exception {
    assertThat(answer(HostCall.getDefaultInstance()).getFailure().getReason())
        .isEqualTo(Reason.ILLEGAL_ARGUMENT);
  }
}
