package io.trimtab.session;

import io.trimtab.TrimtabException;
import io.trimtab.json.JsonException;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.space.Parameter;
import io.trimtab.state.Batch;
import io.trimtab.state.BatchRejectedException;
import io.trimtab.state.Commit;
import io.trimtab.state.ImportException;
import io.trimtab.state.PartialUpdateException;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.Write;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Holds every write to a member of a registered space against the rules of that space. */
final class SpaceGuard {
  /*
   * A write to members is turned into a larger batch: it also puts the space's document, expecting the version that was read
   * together with the members' values. Two writers that judged their values against the same state can therefore not both
   * succeed, even if they write different members; the loser reads again. The document's version is the configuration's.
   *
   * Within one session a lock lets one such write judge at a time, so that conflicts, and hence retries, come only from other
   * sessions on the same provider.
   *
   * Other processes may register spaces too. What this one has been told of is looked at before every write, which is one
   * comparison of references until a document changes; a write that is judged goes by the spaces of the very revision it is
   * judged against.
   */

  private static final int ATTEMPTS = 16;

  private final Duration patience;
  private final ReentrantLock oneJudgement = new ReentrantLock();
  private volatile RegisteredSpaces registered = RegisteredSpaces.NONE;
  private volatile @Nullable Map<String, StateDocument> told;

  SpaceGuard(Duration patience) {
    this.patience = patience;
  }

  /** Returns the names of the spaces that are registered as this call begins, by whomever. */
  Set<String> names(StateProvider provider) {
    return latest(provider).names();
  }

  ConfigurationSpace require(StateProvider provider, String name) {
    RegisteredSpaces known = current(provider);
    return (known.names().contains(name) ? known : latest(provider)).require(name);
  }

  /** Takes over the spaces a provider holds, keeping Java rules that only this process knows. */
  void load(StateSnapshot snapshot) {
    take(read(snapshot));
  }

  /** Returns the spaces a provider holds; what this session goes by stays as it is. */
  RegisteredSpaces read(StateSnapshot snapshot) {
    return registered.read(snapshot.documents());
  }

  RegisteredSpaces registered() {
    return registered;
  }

  void take(RegisteredSpaces spaces) {
    registered = spaces;
  }

  /**
   * Holds a state that is to be taken over against the rules of its own spaces.
   *
   * @throws ImportException if a space cannot be read, lacks a member or is broken by the values
   * @throws LocalSpaceException if a space has rules that only another process knows
   */
  void requireSound(StateExport state) {
    Map<String, StateDocument> documents = new LinkedHashMap<>();
    state.documents().forEach(document -> documents.put(document.key(), document));
    try {
      registered.read(documents).requireMembers(state);
    } catch (JsonException | InvalidDefinitionException | InvalidConfigurationException e) {
      throw new ImportException("configuration spaces: " + e.getMessage(), e);
    }
  }

  private RegisteredSpaces latest(StateProvider provider) {
    if (provider.toldDocuments() != null) {
      load(provider.getMany(List.of()));
    }
    return registered;
  }

  /** Returns the registered spaces as far as this process has been told. */
  private RegisteredSpaces current(StateProvider provider) {
    Map<String, StateDocument> documents = provider.toldDocuments();
    if (documents != null && documents != told) {
      registered = registered.read(documents);
      told = documents;
    }
    return registered;
  }

  void requirePortable(String destination) {
    registered.requirePortable(destination);
  }

  void register(StateProvider provider, ConfigurationSpace space) {
    if (provider.requiresBridge() && !space.localRules().isEmpty()) {
      throw new LocalSpaceException(space.name(), "a bridged provider");
    }
    judged(
        () -> {
          load(provider.snapshot());
          if (!registered.isRegistered(space)) {
            provider.commit(registration(provider, space));
            registered = registered.with(space);
          }
          return space;
        });
  }

  private static Batch registration(StateProvider provider, ConfigurationSpace space) {
    StateSnapshot snapshot = provider.getMany(memberNames(space));
    Batch.Builder batch = Batch.builder();
    Map<String, Object> stored = new LinkedHashMap<>();
    List<String> taken = new ArrayList<>();
    for (Variable<?> member : space.members()) {
      VariableState existing = snapshot.find(member.name());
      if (existing == null) {
        batch.register(member);
        stored.put(member.name(), member.defaultValue());
      } else if (existing.variable().equals(member)) {
        batch.expect(existing.name(), existing.version());
        stored.put(member.name(), existing.value());
      } else {
        taken.add(member.name());
      }
    }
    if (!taken.isEmpty()) {
      throw new VariableAlreadyExistsException(
          taken, provider.sessionId() + " with another definition");
    }
    space.current(stored); // shared members must not make the space invalid from the start
    return batch
        .putDocument(RegisteredSpaces.key(space), RegisteredSpaces.content(space), 0L)
        .build();
  }

  void unregister(StateProvider provider, String name) {
    judged(
        () -> {
          ConfigurationSpace space = latest(provider).require(name);
          provider.commit(
              Batch.builder().deleteDocument(RegisteredSpaces.key(space), null).build());
          registered = registered.without(name);
          return space;
        });
  }

  Commit commit(StateProvider provider, Batch batch) {
    RegisteredSpaces spaces = current(provider);
    if (spaces.isEmpty() || byMemberName(provider, spaces, batch).isEmpty()) {
      return provider.commit(batch);
    }
    return judged(() -> attempt(provider, snapshot -> guarded(provider, snapshot, batch)));
  }

  /** The writes that touch members, by the member's name. */
  private static Map<String, Write> byMemberName(
      StateProvider provider, RegisteredSpaces spaces, Batch batch) {
    Map<String, Write> byName = new LinkedHashMap<>();
    for (Write write : batch.writes()) {
      if (write instanceof Write.SetValue || write instanceof Write.DeleteVariable) {
        String name = nameOf(provider, write.key());
        if (name != null && !spaces.of(name).isEmpty()) {
          byName.put(name, write);
        }
      }
    }
    return byName;
  }

  private static @Nullable String nameOf(StateProvider provider, String key) {
    if (!VariableNames.isId(key)) {
      return key;
    }
    VariableState state = provider.find(key);
    return state == null ? null : state.name();
  }

  /** Applies changes to one space and returns what it holds afterwards. */
  ConfigurationVersion apply(
      StateProvider provider,
      ConfigurationSpace space,
      Map<String, ?> changes,
      WriteContext context,
      @Nullable Long expectedVersion) {
    return judged(
        () -> {
          AtomicReference<Configuration> applied = new AtomicReference<>();
          Commit commit =
              attempt(
                  provider,
                  snapshot ->
                      application(snapshot, space, changes, context, expectedVersion, applied));
          StateDocument document = commit.documents().get(RegisteredSpaces.key(space));
          Configuration next = applied.get();
          if (document == null || next == null) {
            throw new AssertionError("the batch was planned and put the space's document");
          }
          return new ConfigurationVersion(document.version(), commit.revision(), next);
        });
  }

  /** Reads one space with its version from one revision. */
  static ConfigurationVersion read(StateProvider provider, ConfigurationSpace space) {
    StateSnapshot snapshot = provider.getMany(memberNames(space));
    return new ConfigurationVersion(
        document(snapshot, space).version(), snapshot.revision(), space.current(snapshot.values()));
  }

  private Plan application(
      StateSnapshot snapshot,
      ConfigurationSpace space,
      Map<String, ?> changes,
      WriteContext context,
      @Nullable Long expectedVersion,
      AtomicReference<Configuration> applied) {
    StateDocument document = document(snapshot, space);
    if (expectedVersion != null && expectedVersion != document.version()) {
      throw new VersionConflictException(
          Map.of(
              space.name(),
              new VersionConflictException.Conflict(expectedVersion, document.version())));
    }
    Plan plan = new Plan(Batch.builder().context(context));
    Configuration next = space.mergeStored(snapshot.values(), changes);
    applied.set(next);
    plan.write(space, document, snapshot, next, Set.of());
    return plan;
  }

  /**
   * A caller's batch with everything added that keeps the spaces valid; bad groups are left out of
   * a best-effort batch.
   */
  private Plan guarded(StateProvider provider, StateSnapshot snapshot, Batch batch) {
    RegisteredSpaces spaces = registered.read(snapshot.documents());
    Map<String, Write> byName = byMemberName(provider, spaces, batch);
    Map<String, TrimtabException> failures = new LinkedHashMap<>();
    Set<Write> dropped = new HashSet<>();
    Plan plan = new Plan(Batch.builder().context(batch.context()));
    for (ConfigurationSpace space : spaces.touchedBy(byName.keySet())) {
      Map<String, Write> writes = new LinkedHashMap<>(byName);
      writes.keySet().retainAll(memberNames(space));
      try {
        plan.write(
            space,
            document(snapshot, space),
            snapshot,
            judge(space, snapshot, writes),
            byName.keySet());
      } catch (InvalidConfigurationException | SpaceMemberException e) {
        if (!batch.bestEffort()) {
          throw e;
        }
        writes.values().forEach(write -> failures.put(write.key(), e));
        dropped.addAll(writes.values());
      } catch (OutsideDomain e) {
        // The provider refuses these values itself and reports them together with everything else
        // that is wrong.
      }
    }
    plan.takeOver(batch, dropped, failures);
    return plan;
  }

  private static Configuration judge(
      ConfigurationSpace space, StateSnapshot snapshot, Map<String, Write> writes)
      throws OutsideDomain {
    Map<String, Object> changes = new LinkedHashMap<>();
    for (Map.Entry<String, Write> entry : writes.entrySet()) {
      if (!(entry.getValue() instanceof Write.SetValue set)) {
        throw new SpaceMemberException(entry.getKey(), space.name());
      }
      if (!space.parameter(entry.getKey()).variable().domain().accepts(set.value())) {
        throw new OutsideDomain();
      }
      changes.put(entry.getKey(), set.value());
    }
    return space.mergeStored(snapshot.values(), changes);
  }

  private static StateDocument document(StateSnapshot snapshot, ConfigurationSpace space) {
    StateDocument document = snapshot.documents().get(RegisteredSpaces.key(space));
    if (document == null) {
      throw new ConfigurationNotFoundException(space.name(), "other spaces");
    }
    return document;
  }

  static List<String> memberNames(ConfigurationSpace space) {
    return space.parameters().stream().map(Parameter::memberName).toList();
  }

  private Commit attempt(StateProvider provider, Function<StateSnapshot, Plan> planning) {
    for (int attempt = 1; ; attempt++) {
      Plan plan = planning.apply(provider.snapshot());
      try {
        return plan.commit(provider);
      } catch (VersionConflictException | BatchRejectedException e) {
        if (attempt == ATTEMPTS || !plan.lostRace(e)) {
          throw e;
        }
      }
    }
  }

  private <T> T judged(Supplier<T> work) {
    try {
      if (!oneJudgement.tryLock()
          && !oneJudgement.tryLock(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS)) {
        throw new StateUnavailableException(
            "write: expected other writes to registered spaces to end within " + patience,
            /* applied= */ false,
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StateUnavailableException(
          "interrupted while waiting to write to a registered space", false, e);
    }
    try {
      return work.get();
    } finally {
      oneJudgement.unlock();
    }
  }

  /** Says that a value is outside its own domain, whatever the space's rules say. */
  private static final class OutsideDomain extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** A batch under construction and what was added to the caller's part of it. */
  private static final class Plan {

    private final Batch.Builder batch;
    private final Set<String> added = new LinkedHashSet<>();
    private final Map<String, TrimtabException> failures = new LinkedHashMap<>();

    Plan(Batch.Builder batch) {
      this.batch = batch;
    }

    /** Adds the values that change although the caller does not write them, and the document. */
    void write(
        ConfigurationSpace space,
        StateDocument document,
        StateSnapshot snapshot,
        Configuration next,
        Set<String> writtenByCaller) {
      next.toMemberMap()
          .forEach(
              (name, value) -> {
                VariableState state = snapshot.find(name);
                boolean changes = state != null && !state.value().equals(value);
                if (state != null
                    && changes
                    && !writtenByCaller.contains(name)
                    && added.add(name)) {
                  batch.set(name, value, state.version());
                }
              });
      batch.putDocument(document.key(), RegisteredSpaces.content(space), document.version());
      added.add(document.key());
    }

    void takeOver(Batch callers, Set<Write> dropped, Map<String, TrimtabException> refused) {
      callers.registrations().forEach(batch::register);
      callers.writes().stream().filter(write -> !dropped.contains(write)).forEach(batch::add);
      failures.putAll(refused);
      if (callers.bestEffort()) {
        batch.bestEffort();
      }
    }

    Commit commit(StateProvider provider) {
      if (failures.isEmpty()) {
        return provider.commit(batch.build());
      }
      Commit commit;
      try {
        commit = provider.commit(batch.build());
      } catch (PartialUpdateException e) {
        failures.putAll(e.failures());
        commit = e.commit();
      }
      throw new PartialUpdateException(commit, failures);
    }

    /** Tells whether the batch failed because someone else wrote to the space in between. */
    boolean lostRace(TrimtabException failure) {
      if (failure instanceof VersionConflictException conflict) {
        return added.containsAll(conflict.conflicts().keySet());
      }
      return failure instanceof BatchRejectedException rejected
          && rejected.failures().entrySet().stream()
              .anyMatch(
                  entry ->
                      added.contains(entry.getKey())
                          && entry.getValue() instanceof VersionConflictException);
    }
  }
}
