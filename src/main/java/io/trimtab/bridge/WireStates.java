package io.trimtab.bridge;

import io.trimtab.bridge.wire.DocumentRecord;
import io.trimtab.bridge.wire.Event;
import io.trimtab.bridge.wire.HistoryRecord;
import io.trimtab.bridge.wire.Part;
import io.trimtab.bridge.wire.RetiredVersion;
import io.trimtab.bridge.wire.SetColumns;
import io.trimtab.bridge.wire.StateEnd;
import io.trimtab.bridge.wire.StateHeader;
import io.trimtab.bridge.wire.VariableRecord;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.Lease;
import io.trimtab.state.RemoteCommit;
import io.trimtab.state.RemoteSets;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.VariableState;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Variable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Turns the records of a state into messages and back. */
final class WireStates {

  private WireStates() {}

  // Leases and dependencies

  static io.trimtab.bridge.wire.Lease lease(Lease lease) {
    return io.trimtab.bridge.wire.Lease.newBuilder()
        .setId(lease.id())
        .setOwner(lease.owner())
        .addAllNames(lease.names())
        .setExpiresAtMs(lease.expiresAt().toEpochMilli())
        .build();
  }

  static Lease lease(io.trimtab.bridge.wire.Lease message) {
    return new Lease(
        message.getId(),
        message.getOwner(),
        Set.copyOf(message.getNamesList()),
        Instant.ofEpochMilli(message.getExpiresAtMs()));
  }

  static List<Lease> leases(List<io.trimtab.bridge.wire.Lease> messages) {
    return messages.stream().map(WireStates::lease).toList();
  }

  static Set<Dependency> dependencies(List<io.trimtab.bridge.wire.Dependency> messages) {
    Set<Dependency> dependencies = new LinkedHashSet<>();
    messages.forEach(edge -> dependencies.add(new Dependency(edge.getFrom(), edge.getTo())));
    return dependencies;
  }

  // Commits

  static RemoteCommit commit(Event event) {
    return new RemoteCommit(
        event.getRevision(),
        Instant.ofEpochMilli(event.getAtMs()),
        context(event),
        each(event.getChangesList(), WireStates::step),
        each(event.getDocumentsList(), WireStates::document),
        event.getDeletedDocumentsList());
  }

  /** Reads the one commit of an event that sets variables. */
  static RemoteSets sets(Event event) {
    SetColumns columns = event.getSets();
    long[] versions = new long[event.getVersionsCount()];
    for (int i = 0; i < versions.length; i++) {
      versions[i] = event.getVersions(i);
    }
    return new RemoteSets(
        event.getRevision(),
        Instant.ofEpochMilli(event.getAtMs()),
        context(event),
        WireColumns.keys(columns),
        versions,
        WireColumns.values(columns));
  }

  /** Reads the commits of a run, each of which sets one variable. */
  static List<RemoteSets> run(Event event) {
    int size = event.getSequencesCount();
    SetColumns columns = event.getSets();
    Object[] values = WireColumns.values(columns);
    if (values.length != size || event.getVersionsCount() != size) {
      throw new IllegalArgumentException(
          "revision %d: expected a key and a version for each of %d sequences, got %d and %d"
              .formatted(event.getRevision(), size, values.length, event.getVersionsCount()));
    }
    Instant at = Instant.ofEpochMilli(event.getAtMs());
    WriteContext context = context(event);
    long before = event.getRevision() - size;
    List<RemoteSets> run = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      run.add(
          new RemoteSets(
              before + i + 1,
              at,
              context,
              new String[] {columns.getKeys(i)},
              new long[] {event.getVersions(i)},
              new Object[] {values[i]}));
    }
    return run;
  }

  /** Most commits have one change and no document. */
  private static <M, R> List<R> each(List<M> messages, Function<M, R> reading) {
    return switch (messages.size()) {
      case 0 -> List.of();
      case 1 -> List.of(reading.apply(messages.get(0)));
      default -> messages.stream().map(reading).toList();
    };
  }

  private static WriteContext context(Event event) {
    String source = event.getSource();
    return source.equals(WriteContext.JVM.source()) && event.getMetadataCount() == 0
        ? WriteContext.JVM
        : new WriteContext(source, null, event.getMetadataMap());
  }

  private static RemoteCommit.Step step(io.trimtab.bridge.wire.Change change) {
    String id = change.getId();
    long version = change.getVersion();
    return switch (change.getKindCase()) {
      case SET -> new RemoteCommit.Set(id, version, WireValues.canonical(id, change.getSet()));
      case REGISTERED ->
          new RemoteCommit.Registered(id, version, WireVariables.variable(change.getRegistered()));
      case DELETED -> new RemoteCommit.Deleted(id, version);
      case KIND_NOT_SET ->
          throw new IllegalArgumentException(
              id + ": expected a kind of change that this version knows");
    };
  }

  static StateDocument document(DocumentRecord message) {
    return new StateDocument(
        message.getKey(),
        message.getContent(),
        message.getVersion(),
        Instant.ofEpochMilli(message.getUpdatedAtMs()));
  }

  // Whole states

  /** Hands out the pieces of a state in the order of the protocol. */
  static void parts(StateExport state, Consumer<Part> out) {
    out.accept(
        Part.newBuilder()
            .setHeader(
                StateHeader.newBuilder()
                    .setSessionId(state.sessionId())
                    .setRevision(state.revision())
                    .setExportedAtMs(state.exportedAt().toEpochMilli())
                    .putAllMetadata(state.metadata()))
            .build());
    for (StateExport.Entry entry : state.variables()) {
      out.accept(Part.newBuilder().setVariable(record(entry.state())).build());
      entry
          .history()
          .forEach(past -> out.accept(Part.newBuilder().setHistory(record(past)).build()));
    }
    state
        .documents()
        .forEach(document -> out.accept(Part.newBuilder().setDocument(record(document)).build()));
    state.leases().forEach(lease -> out.accept(Part.newBuilder().setLease(lease(lease)).build()));
    state
        .dependencies()
        .forEach(
            edge ->
                out.accept(
                    Part.newBuilder()
                        .setDependency(
                            io.trimtab.bridge.wire.Dependency.newBuilder()
                                .setFrom(edge.from())
                                .setTo(edge.to()))
                        .build()));
    state
        .retiredVersions()
        .forEach(
            (name, version) ->
                out.accept(
                    Part.newBuilder()
                        .setRetired(RetiredVersion.newBuilder().setName(name).setVersion(version))
                        .build()));
    out.accept(
        Part.newBuilder()
            .setEnd(
                StateEnd.newBuilder()
                    .setVariables(state.variables().size())
                    .setDocuments(state.documents().size()))
            .build());
  }

  private static VariableRecord record(VariableState state) {
    return VariableRecord.newBuilder()
        .setId(state.id())
        .setDefinition(WireVariables.of(state.variable()))
        .setValue(WireValues.of(state.value()))
        .setVersion(state.version())
        .setRevision(state.revision())
        .putAllMetadata(state.metadata())
        .setCreatedAtMs(state.createdAt().toEpochMilli())
        .setUpdatedAtMs(state.updatedAt().toEpochMilli())
        .setSource(state.source())
        .build();
  }

  private static HistoryRecord record(HistoryEntry entry) {
    return HistoryRecord.newBuilder()
        .setVersion(entry.version())
        .setValue(WireValues.of(entry.value()))
        .setUpdatedAtMs(entry.updatedAt().toEpochMilli())
        .setSource(entry.source())
        .putAllMetadata(entry.metadata())
        .build();
  }

  private static DocumentRecord record(StateDocument document) {
    return DocumentRecord.newBuilder()
        .setKey(document.key())
        .setContent(document.content())
        .setVersion(document.version())
        .setUpdatedAtMs(document.updatedAt().toEpochMilli())
        .build();
  }

  static VariableState variable(VariableRecord message) {
    Variable<?> variable = WireVariables.variable(message.getDefinition());
    return new VariableState(
        message.getId(),
        variable,
        WireValues.canonical(variable.name(), message.getValue()),
        message.getVersion(),
        message.getRevision(),
        message.getMetadataMap(),
        Instant.ofEpochMilli(message.getCreatedAtMs()),
        Instant.ofEpochMilli(message.getUpdatedAtMs()),
        message.getSource());
  }

  static HistoryEntry history(String name, HistoryRecord message) {
    return new HistoryEntry(
        message.getVersion(),
        WireValues.canonical(name, message.getValue()),
        Instant.ofEpochMilli(message.getUpdatedAtMs()),
        message.getSource(),
        message.getMetadataMap());
  }
}
