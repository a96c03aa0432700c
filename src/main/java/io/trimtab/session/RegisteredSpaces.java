package io.trimtab.session;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.ImportException;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.VariableState;
import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The spaces of a session and whose member each variable is. Immutable. */
final class RegisteredSpaces {

  static final RegisteredSpaces NONE = new RegisteredSpaces(Map.of());

  private static final String PREFIX = "space/";
  private static final String LOCAL_FORMAT = "trimtab.space.local/1";

  private final Map<String, ConfigurationSpace> byName;
  private final Map<String, String> contents = new HashMap<>();
  private final Map<String, List<ConfigurationSpace>> byMember = new HashMap<>();

  private RegisteredSpaces(Map<String, ConfigurationSpace> byName) {
    this.byName = Collections.unmodifiableMap(new TreeMap<>(byName));
    for (ConfigurationSpace space : this.byName.values()) {
      contents.put(key(space), content(space));
      for (String member : SpaceGuard.memberNames(space)) {
        byMember.computeIfAbsent(member, name -> new ArrayList<>()).add(space);
      }
    }
  }

  static String key(ConfigurationSpace space) {
    return PREFIX + space.name();
  }

  /**
   * The document that stands for a space: its JSON form, or a mere marker if some rules are Java.
   */
  static String content(ConfigurationSpace space) {
    return space.localRules().isEmpty()
        ? Json.write(space.toTree())
        : Json.write(Map.of("format", LOCAL_FORMAT, "digest", space.digest()));
  }

  /**
   * Returns the spaces that documents stand for, these ones where nothing changed.
   *
   * @throws LocalSpaceException if one has rules that only another process knows
   */
  RegisteredSpaces read(Map<String, StateDocument> documents) {
    if (areIn(documents)) {
      return this;
    }
    Map<String, ConfigurationSpace> spaces = new TreeMap<>();
    for (StateDocument document : documents.values()) {
      if (document.key().startsWith(PREFIX)) {
        String name = document.key().substring(PREFIX.length());
        spaces.put(name, read(name, document));
      }
    }
    return new RegisteredSpaces(spaces);
  }

  private boolean areIn(Map<String, StateDocument> documents) {
    int found = 0;
    for (StateDocument document : documents.values()) {
      if (document.key().startsWith(PREFIX)) {
        if (!document.content().equals(contents.get(document.key()))) {
          return false;
        }
        found++;
      }
    }
    return found == contents.size();
  }

  private ConfigurationSpace read(String name, StateDocument document) {
    ConfigurationSpace known = byName.get(name);
    if (known != null && document.content().equals(contents.get(document.key()))) {
      return known;
    }
    JsonObject tree = Json.parseObject(document.content(), JsonLimits.DEFAULT);
    if (LOCAL_FORMAT.equals(tree.find("format"))) {
      throw new LocalSpaceException(name, "a document read by another process");
    }
    return ConfigurationSpace.fromTree(tree);
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  Set<String> names() {
    return byName.keySet();
  }

  List<ConfigurationSpace> of(String member) {
    return byMember.getOrDefault(member, List.of());
  }

  Set<ConfigurationSpace> touchedBy(Collection<String> members) {
    Set<ConfigurationSpace> touched = new LinkedHashSet<>();
    members.forEach(member -> touched.addAll(of(member)));
    return touched;
  }

  ConfigurationSpace require(String name) {
    ConfigurationSpace space = byName.get(name);
    if (space == null) {
      throw new ConfigurationNotFoundException(name, byName.keySet().toString());
    }
    return space;
  }

  /** Tells whether this very space is registered; a different one under its name is an error. */
  boolean isRegistered(ConfigurationSpace space) {
    ConfigurationSpace existing = byName.get(space.name());
    if (existing != null && !existing.equals(space)) {
      throw new ConfigurationExistsException(space.name(), "this session");
    }
    return existing != null;
  }

  void requirePortable(String destination) {
    for (ConfigurationSpace space : byName.values()) {
      if (!space.localRules().isEmpty()) {
        throw new LocalSpaceException(space.name(), destination);
      }
    }
  }

  /**
   * Rejects a state that does not hold what registering these spaces would have made sure of.
   *
   * @throws ImportException if a member is missing or defined otherwise
   * @throws InvalidConfigurationException if the values break a rule
   */
  void requireMembers(StateExport state) {
    Map<String, VariableState> states = new HashMap<>();
    state.variables().forEach(entry -> states.put(entry.state().name(), entry.state()));
    for (ConfigurationSpace space : byName.values()) {
      Map<String, Object> values = new HashMap<>();
      for (Variable<?> member : space.members()) {
        VariableState held = states.get(member.name());
        if (held == null || !held.variable().equals(member)) {
          throw new ImportException(
              "configuration space \"%s\": expected its member %s, got %s"
                  .formatted(space.name(), member, held == null ? "none" : held.variable()));
        }
        values.put(member.name(), held.value());
      }
      space.current(values);
    }
  }

  RegisteredSpaces with(ConfigurationSpace space) {
    Map<String, ConfigurationSpace> spaces = new TreeMap<>(byName);
    spaces.put(space.name(), space);
    return new RegisteredSpaces(spaces);
  }

  RegisteredSpaces without(String name) {
    Map<String, ConfigurationSpace> spaces = new TreeMap<>(byName);
    spaces.remove(name);
    return new RegisteredSpaces(spaces);
  }
}
