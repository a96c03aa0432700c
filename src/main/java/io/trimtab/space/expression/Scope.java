package io.trimtab.space.expression;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The declared variables by name. */
final class Scope {

  private final List<Declaration> declarations;
  private final Map<String, Integer> slots = new HashMap<>();

  Scope(List<Declaration> variables) {
    declarations = List.copyOf(variables);
    for (int slot = 0; slot < declarations.size(); slot++) {
      String name = declarations.get(slot).name();
      if (slots.put(name, slot) != null) {
        throw new IllegalArgumentException("variable '" + name + "' is declared twice");
      }
    }
  }

  /** Returns the slot of a name, or null if nothing of that name is declared. */
  @Nullable Integer slot(String name) {
    return slots.get(name);
  }

  Declaration at(int slot) {
    return declarations.get(slot);
  }

  /** Says that a name is unknown, with the declared name that is most like it. */
  String unknown(String name) {
    String nearest = SimilarName.nearest(name, slots.keySet());
    String hint =
        nearest != null
            ? "; did you mean " + written(nearest) + "?"
            : declarations.isEmpty() ? "; no variable is declared" : "";
    return "unknown variable '" + Token.abbreviated(name) + "'" + hint;
  }

  /** Returns a name as it must stand in an expression. */
  private static String written(String name) {
    return name.matches("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*")
        ? "'" + name + "'"
        : "'`" + name + "`'";
  }
}
