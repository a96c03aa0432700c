package io.trimtab.bridge;

import io.trimtab.bridge.wire.Commit;
import io.trimtab.bridge.wire.ConfigurationValues;
import io.trimtab.bridge.wire.HostAnswer;
import io.trimtab.bridge.wire.Result;
import io.trimtab.bridge.wire.SpaceAnswer;
import io.trimtab.bridge.wire.SpaceApply;
import io.trimtab.bridge.wire.SpaceCall;
import io.trimtab.bridge.wire.SpaceSample;
import io.trimtab.bridge.wire.SpaceValidate;
import io.trimtab.bridge.wire.Value;
import io.trimtab.session.ConfigurationVersion;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.session.Session;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.PartialUpdateException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Answers Python's questions about configuration spaces, and makes its writes to their members. */
final class SpaceDesk {

  /** Most configurations of one call. */
  static final int MAX_SAMPLES = 100_000;

  private final Session session;

  SpaceDesk(Session session) {
    this.session = session;
  }

  HostAnswer answer(SpaceCall call) {
    SpaceAnswer answer =
        switch (call.getKindCase()) {
          case REGISTER -> register(call.getRegister());
          case UNREGISTER -> unregister(call.getUnregister());
          case APPLY -> apply(call.getApply());
          case SAMPLE -> sample(call.getSample());
          case VALIDATE -> validate(call.getValidate());
          case KIND_NOT_SET ->
              throw new IllegalArgumentException(
                  "expected a question about a space that this version knows");
        };
    return HostAnswer.newBuilder().setSpace(answer).build();
  }

  private SpaceAnswer register(String definition) {
    RegisteredConfiguration registered = session.register(ConfigurationSpace.fromJson(definition));
    return of(registered.read());
  }

  private SpaceAnswer unregister(String name) {
    session.unregister(name);
    return SpaceAnswer.newBuilder().setRevision(session.revision()).build();
  }

  private SpaceAnswer apply(SpaceApply call) {
    RegisteredConfiguration space = session.configuration(call.getName());
    Map<String, Object> changes = values(call.getChangesMap());
    return of(
        call.hasExpectedVersion()
            ? space.applyIf(call.getExpectedVersion(), changes)
            : space.apply(changes, WireWrites.context(call.getContext())));
  }

  private SpaceAnswer sample(SpaceSample call) {
    int count = call.getCount();
    if (count < 1 || count > MAX_SAMPLES) {
      throw new IllegalArgumentException(
          "count must be in [1, %d], got %d".formatted(MAX_SAMPLES, count));
    }
    SpaceAnswer.Builder answer = SpaceAnswer.newBuilder();
    session
        .configuration(call.getName())
        .space()
        .sample(count, new SplittableRandom(call.getSeed()))
        .forEach(drawn -> answer.addConfigurations(values(drawn)));
    return answer.build();
  }

  private SpaceAnswer validate(SpaceValidate call) {
    ConfigurationSpace space = session.configuration(call.getName()).space();
    SpaceAnswer.Builder answer = SpaceAnswer.newBuilder();
    try {
      answer.addConfigurations(values(space.validate(values(call.getValuesMap()))));
    } catch (InvalidConfigurationException e) {
      e.violations().forEach(violation -> answer.addViolations(FailureMessages.of(violation)));
    }
    return answer.build();
  }

  /** Makes a write as the session does, so that the rules of registered spaces hold for it. */
  HostAnswer commit(Commit commit) {
    Result.Builder result = Result.newBuilder();
    try {
      result.setRevision(session.commit(WireWrites.batch(commit)).revision());
    } catch (PartialUpdateException e) {
      result.setRevision(e.commit().revision());
      e.failures()
          .forEach((key, failure) -> result.addPartial(FailureMessages.named(key, failure)));
    }
    return HostAnswer.newBuilder().setCommit(result).build();
  }

  private static SpaceAnswer of(ConfigurationVersion version) {
    return SpaceAnswer.newBuilder()
        .setVersion(version.version())
        .setRevision(version.revision())
        .addConfigurations(values(version.configuration()))
        .build();
  }

  private static ConfigurationValues values(Configuration configuration) {
    ConfigurationValues.Builder values = ConfigurationValues.newBuilder();
    configuration.toMap().forEach((name, value) -> values.putValues(name, WireValues.of(value)));
    return values.build();
  }

  private static Map<String, Object> values(Map<String, Value> messages) {
    Map<String, Object> values = new LinkedHashMap<>();
    messages.forEach((name, value) -> values.put(name, WireValues.canonical(name, value)));
    return values;
  }
}
