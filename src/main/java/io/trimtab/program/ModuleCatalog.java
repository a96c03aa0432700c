package io.trimtab.program;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The modules a MODULE variable may name, and how each is built from a predictor.
 *
 * <p>Names are matched without regard to case, {@code _} and {@code -}. Immutable: adding a module
 * gives a new catalog, and a name means the same in one catalog for ever.
 */
public final class ModuleCatalog {

  /** Builds a module around a predictor that holds the signature and all settings. */
  @FunctionalInterface
  public interface Factory {
    /**
     * Builds the module.
     *
     * @param predict what to ask, of whom and how
     * @return a program that asks it in the module's way
     */
    Program create(Predict predict);
  }

  private record Module(String name, Factory factory) {}

  private static final ModuleCatalog STANDARD =
      new ModuleCatalog(Map.of())
          .with("Predict", predict -> predict)
          .with("ChainOfThought", ChainOfThought::of, "CoT");

  private final Map<String, Module> byKey;

  private ModuleCatalog(Map<String, Module> byKey) {
    this.byKey = byKey;
  }

  /**
   * Returns the modules of this package: {@code Predict} and {@code ChainOfThought} (also {@code
   * CoT}).
   *
   * @return the catalog
   */
  public static ModuleCatalog standard() {
    return STANDARD;
  }

  /**
   * Adds a module.
   *
   * @param name its name
   * @param factory how it is built
   * @param aliases further names
   * @return a new catalog, in which older modules of these names are replaced
   * @throws IllegalArgumentException if a name is empty
   */
  public ModuleCatalog with(String name, Factory factory, String... aliases) {
    Map<String, Module> more = new LinkedHashMap<>(byKey);
    Module module = new Module(name, factory);
    more.put(key(name), module);
    for (String alias : aliases) {
      more.put(key(alias), module);
    }
    return new ModuleCatalog(Collections.unmodifiableMap(more));
  }

  private static String key(String name) {
    String key = name.strip().replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("a module needs a name, got \"" + name + "\"");
    }
    return key;
  }

  /**
   * Returns the modules' own names.
   *
   * @return the names without aliases, in the order they were added
   */
  public List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    byKey.values().forEach(module -> names.add(module.name()));
    return new ArrayList<>(names);
  }

  /**
   * Tells whether a name or alias is known.
   *
   * @param name in any case
   * @return whether {@link #create} would succeed
   */
  public boolean has(String name) {
    return find(name) != null;
  }

  /**
   * Returns a module's own name.
   *
   * @param name a name or an alias, in any case
   * @return the name it was added under
   * @throws IllegalArgumentException if no module has the name, with the list of known ones
   */
  public String resolve(String name) {
    return required(name).name();
  }

  /**
   * Builds a module.
   *
   * @param name a name or an alias, in any case
   * @param predict what to ask, of whom and how
   * @return the module around the predictor
   * @throws IllegalArgumentException if no module has the name, with the list of known ones
   */
  public Program create(String name, Predict predict) {
    return required(name).factory().create(predict);
  }

  private @Nullable Module find(String name) {
    return name.isBlank() ? null : byKey.get(key(name));
  }

  private Module required(String name) {
    Module module = find(name);
    if (module == null) {
      throw new IllegalArgumentException(
          "unknown module \"%s\", known are %s".formatted(name, names()));
    }
    return module;
  }

  @Override
  public String toString() {
    return "ModuleCatalog" + names();
  }
}
