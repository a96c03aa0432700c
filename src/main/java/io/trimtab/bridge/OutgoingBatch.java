package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import io.trimtab.bridge.wire.Commit;
import io.trimtab.bridge.wire.Nothing;
import io.trimtab.bridge.wire.Value;
import io.trimtab.state.Batch;
import io.trimtab.state.BatchRejectedException;
import io.trimtab.state.PartialUpdateException;
import io.trimtab.state.StateReplica;
import io.trimtab.state.VariableState;
import io.trimtab.state.Write;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Domain;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A batch as it is sent, and what this side knows better about its refusal. */
final class OutgoingBatch {
  /*
   * The sidecar judges a batch; but values must be cast to what can be sent, and for that the replica's definition of the
   * variable is asked. A value that the definition refuses goes out as a message without a kind, which the sidecar refuses
   * too, together with whatever else is wrong with the batch; its violation is replaced by ours, which shows the value
   * the caller gave. (A definition changes only if the variable is deleted and registered again.)
   *
   * Texts that protobuf cannot carry would arrive changed. They are sent with a character no state accepts, so that they
   * are refused by the usual rule.
   */

  private final @Nullable PlainSet single;
  private final Commit message;
  private final Map<String, Violation> refused;

  private OutgoingBatch(@Nullable PlainSet single, Commit message, Map<String, Violation> refused) {
    this.single = single;
    this.message = message;
    this.refused = refused;
  }

  static OutgoingBatch of(Batch batch, StateReplica replica) {
    List<PlainSet> sets = plainSets(batch, replica);
    boolean plain = !batch.bestEffort() && batch.context().equals(WriteContext.JVM);
    if (sets.size() == 1 && plain) {
      return new OutgoingBatch(sets.get(0), Commit.getDefaultInstance(), Map.of());
    }
    Commit.Builder message = Commit.newBuilder().setBestEffort(batch.bestEffort());
    if (!batch.context().equals(WriteContext.JVM)) {
      message.setContext(context(batch.context()));
    }
    if (!sets.isEmpty()) {
      return new OutgoingBatch(null, message.setSets(WireColumns.of(sets)).build(), Map.of());
    }
    Map<String, Variable<?>> fresh = new HashMap<>(0);
    for (Variable<?> variable : batch.registrations()) {
      message.addRegistrations(WireVariables.of(variable));
      fresh.put(variable.name(), variable);
    }
    Map<String, Violation> refused = new HashMap<>(0);
    for (Write write : batch.writes()) {
      message.addWrites(write(write, fresh, replica, refused));
    }
    return new OutgoingBatch(null, message.build(), refused);
  }

  /**
   * Returns the sets of a batch that consists of plain ones that nothing is wrong with, else none.
   */
  private static List<PlainSet> plainSets(Batch batch, StateReplica replica) {
    if (!batch.registrations().isEmpty()) {
      return List.of();
    }
    List<PlainSet> sets = new ArrayList<>(batch.writes().size());
    for (Write write : batch.writes()) {
      PlainSet set = write instanceof Write.SetValue value ? plainSet(value, replica) : null;
      if (set == null) {
        return List.of();
      }
      sets.add(set);
    }
    return sets;
  }

  private static @Nullable PlainSet plainSet(Write.SetValue write, StateReplica replica) {
    VariableState state = replica.find(write.key());
    Object canonical = state == null ? null : state.variable().domain().accepted(write.value());
    return canonical == null ? null : PlainSet.of(write, canonical);
  }

  /** Returns the one set that the batch consists of, or null if it is a message. */
  @Nullable PlainSet single() {
    return single;
  }

  Commit message() {
    return message;
  }

  private static io.trimtab.bridge.wire.WriteContext context(WriteContext context) {
    io.trimtab.bridge.wire.WriteContext.Builder message =
        io.trimtab.bridge.wire.WriteContext.newBuilder()
            .setSource(context.source())
            .putAllMetadata(context.metadata());
    String owner = context.owner();
    if (owner != null) {
      message.setOwner(text(owner));
    }
    return message.build();
  }

  private static io.trimtab.bridge.wire.Write write(
      Write write,
      Map<String, Variable<?>> fresh,
      StateReplica replica,
      Map<String, Violation> refused) {
    io.trimtab.bridge.wire.Write.Builder message =
        io.trimtab.bridge.wire.Write.newBuilder().setKey(text(write.key()));
    Long expected = write.expectedVersion();
    if (expected != null) {
      message.setExpectedVersion(expected);
    }
    if (write instanceof Write.SetValue set) {
      message.setSet(value(set, fresh, replica, refused));
    } else if (write instanceof Write.DeleteVariable) {
      message.setDelete(Nothing.getDefaultInstance());
    } else if (write instanceof Write.ExpectVersion) {
      message.setExpect(Nothing.getDefaultInstance());
    } else if (write instanceof Write.PutDocument put) {
      message.setPutDocument(text(put.content()));
    } else {
      message.setDeleteDocument(Nothing.getDefaultInstance());
    }
    return message.build();
  }

  private static Value value(
      Write.SetValue set,
      Map<String, Variable<?>> fresh,
      StateReplica replica,
      Map<String, Violation> refused) {
    Variable<?> variable = fresh.get(set.key());
    if (variable == null) {
      VariableState state = replica.find(set.key());
      variable = state == null ? null : state.variable();
    }
    return variable == null
        ? uncast(set.value())
        : value(variable.name(), variable.domain(), set.value(), refused);
  }

  private static <T> Value value(
      String name, Domain<T> domain, Object value, Map<String, Violation> refused) {
    T canonical = domain.cast(value);
    String broken = canonical == null ? domain.description() : domain.brokenRule(canonical);
    if (canonical == null || broken != null) {
      refused.put(name, Violation.of(name, String.valueOf(broken), value));
      return Value.getDefaultInstance();
    }
    return WireValues.of(canonical);
  }

  /**
   * Returns a value for a variable that the replica does not hold, which is an error but for a
   * race.
   */
  private static Value uncast(Object value) {
    boolean canonical =
        value instanceof Double
            || value instanceof Long
            || value instanceof Boolean
            || (value instanceof String text && isWellFormed(text));
    return canonical ? WireValues.of(value) : Value.getDefaultInstance();
  }

  /** Returns a text that arrives as it is sent, and that is refused if this one would not. */
  static String text(String text) {
    return isWellFormed(text) ? text : text.replaceAll("[\\uD800-\\uDFFF]", "\0");
  }

  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return false;
      }
    }
    return true;
  }

  // Refusals

  /** Returns the refusal with the values the caller gave. */
  RuntimeException explain(RuntimeException refusal) {
    if (refused.isEmpty()) {
      return refusal;
    }
    if (refusal instanceof InvalidValueException e) {
      return new InvalidValueException(e.violations().stream().map(this::explain).toList());
    }
    if (refusal instanceof BatchRejectedException e) {
      return new BatchRejectedException(explain(e.failures()));
    }
    if (refusal instanceof PartialUpdateException e) {
      return new PartialUpdateException(e.commit(), explain(e.failures()));
    }
    return refusal;
  }

  private Map<String, TrimtabException> explain(Map<String, TrimtabException> failures) {
    Map<String, TrimtabException> explained = new LinkedHashMap<>();
    failures.forEach(
        (key, failure) ->
            explained.put(
                key,
                failure instanceof InvalidValueException e
                    ? new InvalidValueException(e.violations().stream().map(this::explain).toList())
                    : failure));
    return explained;
  }

  private Violation explain(Violation theirs) {
    Violation ours = refused.get(theirs.subject());
    return ours == null ? theirs : ours;
  }
}
