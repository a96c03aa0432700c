package io.trimtab.variable;

import com.google.re2j.Pattern;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names of program modules, such as {@code ChainOfThought}, which a module catalog resolves when a
 * program runs.
 *
 * <p>A name is 1 to 200 letters, digits, {@code _} and {@code .}, starting with a letter. JSON key:
 * {@code allowed}.
 *
 * @param allowed the only names accepted, distinct; empty for every well-formed name
 */
public record ModuleDomain(List<String> allowed) implements Domain<String> {

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.]{0,199}");

  /**
   * Rejects malformed and duplicate names.
   *
   * @param allowed the only names accepted, distinct; empty for every well-formed name
   */
  public ModuleDomain {
    Definition definition =
        new Definition()
            .require(
                new HashSet<>(allowed).size() == allowed.size(),
                "allowed",
                "distinct names",
                allowed);
    for (String name : allowed) {
      definition.require(NAME.matches(name), "allowed", "a module name", name);
    }
    definition.check();
    allowed = List.copyOf(allowed);
  }

  /**
   * Returns a fixed list of names.
   *
   * @param allowed the only names accepted; none for every well-formed name
   * @return the domain
   */
  public static ModuleDomain of(String... allowed) {
    return new ModuleDomain(List.of(allowed));
  }

  @Override
  public VariableType type() {
    return VariableType.MODULE;
  }

  @Override
  public Class<String> valueClass() {
    return String.class;
  }

  @Override
  public @Nullable String cast(@Nullable Object value) {
    return value instanceof String text ? text : null;
  }

  @Override
  public @Nullable String brokenRule(String value) {
    boolean good = allowed.isEmpty() ? NAME.matches(value) : allowed.contains(value);
    return good ? null : description();
  }

  @Override
  public String description() {
    return allowed.isEmpty() ? "the name of a module" : "one of the modules " + allowed;
  }

  @Override
  public Map<String, Object> constraints() {
    return allowed.isEmpty() ? Map.of() : Map.of("allowed", allowed);
  }

  @Override
  public Object encode(String value) {
    return value;
  }

  @Override
  public @Nullable String decode(@Nullable Object tree) {
    return cast(tree);
  }

  @Override
  public String toString() {
    return description();
  }
}
