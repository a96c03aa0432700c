package io.trimtab.state;

import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.Violation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Derives a variable's next state from its last one. */
final class VariableStates {

  private VariableStates() {}

  static VariableState first(
      String id,
      Variable<?> variable,
      long version,
      long revision,
      WriteContext context,
      Instant now) {
    return new VariableState(
        id,
        variable,
        variable.defaultValue(),
        version,
        revision,
        merged(variable.name(), variable.metadata(), context),
        now,
        now,
        context.source());
  }

  static VariableState next(
      VariableState last, Object canonical, long revision, WriteContext context, Instant now) {
    return new VariableState(
        last.id(),
        last.variable(),
        canonical,
        last.version() + 1,
        revision,
        merged(last.name(), last.metadata(), context),
        last.createdAt(),
        now,
        context.source());
  }

  /** Returns an imported past version; its own revision is not known and never asked for. */
  static VariableState past(VariableState current, HistoryEntry entry) {
    return new VariableState(
        current.id(),
        current.variable(),
        entry.value(),
        entry.version(),
        current.revision(),
        entry.metadata(),
        current.createdAt(),
        entry.updatedAt(),
        entry.source());
  }

  private static Map<String, String> merged(
      String name, Map<String, String> metadata, WriteContext context) {
    if (context.metadata().isEmpty()) {
      return metadata;
    }
    Map<String, String> merged = new TreeMap<>(metadata);
    merged.putAll(context.metadata());
    if (merged.size() > VariableState.MAX_METADATA) {
      throw new InvalidValueException(
          List.of(
              Violation.of(
                  name + " metadata",
                  "at most %d entries".formatted(VariableState.MAX_METADATA),
                  merged.size())));
    }
    return merged;
  }
}
