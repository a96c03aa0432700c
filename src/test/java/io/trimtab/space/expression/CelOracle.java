package io.trimtab.space.expression;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * cel-java behind the questions our tests ask. A variable {@code group.name} whose group is in
 * {@code optionalGroups} is a key of a map variable, so that {@code has(group.name)} means the same
 * to both.
 */
final class CelOracle {

  /** What came of compiling or running: a value, or one of the two kinds of error. */
  record Answer(Object value, String error) {
    static final String COMPILE = "compile error";
    static final String RUNTIME = "runtime error";
  }

  /*
   * Hardened as a service would: only the macro has(), no comprehension, small regex programs.
   * Recursion is left above our own bound, so that CEL never refuses for size what we accept.
   */
  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .maxExpressionCodePointSize(16_384)
          .maxParseRecursionDepth(250)
          .comprehensionMaxIterations(0)
          .maxRegexProgramSize(500)
          .maxParseErrorRecoveryLimit(5)
          .build();

  private final List<Declaration> variables;
  private final List<String> optionalGroups;
  private final Cel cel;

  CelOracle(List<Declaration> variables, List<String> optionalGroups) {
    this.variables = variables;
    this.optionalGroups = optionalGroups;
    CelBuilder builder =
        CelFactory.standardCelBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.HAS)
            .addCompilerLibraries(CelExtensions.math())
            .addRuntimeLibraries(CelExtensions.math());
    Map<String, CelType> groups = new TreeMap<>();
    for (Declaration variable : variables) {
      String group = group(variable.name());
      if (group == null) {
        builder.addVar(variable.name(), celType(variable.type()));
      } else {
        groups.put(group, MapType.create(SimpleType.STRING, celType(variable.type())));
      }
    }
    groups.forEach(builder::addVar);
    this.cel = builder.build();
  }

  /** Returns a program, or null when cel-java refuses the source or it is of another type. */
  CelRuntime.Program compile(String source, ExpressionType type) {
    try {
      CelAbstractSyntaxTree tree = cel.compile(source).getAst();
      boolean fits = tree.getResultType().equals(celType(type)) || isDynamic(tree);
      return fits ? cel.createProgram(tree) : null;
    } catch (CelValidationException e) {
      return null;
    } catch (CelEvaluationException e) {
      throw new AssertionError("cel-java could not plan " + source, e);
    }
  }

  /** The extremum of three or more is declared dyn. */
  private static boolean isDynamic(CelAbstractSyntaxTree tree) {
    return tree.getResultType().equals(SimpleType.DYN);
  }

  Answer evaluate(CelRuntime.Program program, Object[] slots) {
    try {
      return new Answer(program.eval(bindings(slots)), null);
    } catch (CelEvaluationException e) {
      return new Answer(null, Answer.RUNTIME);
    }
  }

  private Map<String, Object> bindings(Object[] slots) {
    Map<String, Object> bindings = new HashMap<>();
    optionalGroups.forEach(group -> bindings.put(group, new HashMap<String, Object>()));
    for (int slot = 0; slot < slots.length; slot++) {
      String name = variables.get(slot).name();
      String group = group(name);
      if (group == null) {
        bindings.put(name, slots[slot]);
      } else if (slots[slot] != null) {
        @SuppressWarnings("unchecked") // put there three lines above
        Map<String, Object> members = (Map<String, Object>) bindings.get(group);
        members.put(name.substring(group.length() + 1), slots[slot]);
      }
    }
    return bindings;
  }

  private String group(String name) {
    return optionalGroups.stream().filter(g -> name.startsWith(g + ".")).findFirst().orElse(null);
  }

  private static CelType celType(ExpressionType type) {
    return switch (type) {
      case INT -> SimpleType.INT;
      case DOUBLE -> SimpleType.DOUBLE;
      case BOOL -> SimpleType.BOOL;
      case STRING -> SimpleType.STRING;
    };
  }
}
