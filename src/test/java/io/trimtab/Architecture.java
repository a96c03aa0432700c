package io.trimtab;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The house, drawn as rules over a root package: three columns on one ground floor under one roof,
 * and annexes nobody imports.
 *
 * <p>{@link ArchitectureTest} holds the real code against them and each rule against planted code
 * that breaks it.
 */
final class Architecture {

  /** What each package may use besides itself, the root package and the JDK. */
  static final Map<String, Set<String>> FLOORS = floors();

  private static final Set<String> ANNEXES = Set.of("openai", "bridge");

  /**
   * The only places that may ask the machine for the time, for chance, or to wait: they are handed
   * in everywhere else.
   */
  private static final Set<String> DOORS = Set.of("SystemClock", "SystemTime");

  private static final Set<String> FORBIDDEN_CALLS =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.lang.Thread.sleep",
          "java.time.Instant.now",
          "java.lang.Math.random",
          "java.util.concurrent.ThreadLocalRandom.current");

  private final String root;

  Architecture(String root) {
    this.root = root;
  }

  private static Map<String, Set<String>> floors() {
    Map<String, Set<String>> floors = new LinkedHashMap<>();
    floors.put("json", Set.of());
    floors.put("variable", Set.of("json"));
    floors.put("state", Set.of("variable", "json"));
    floors.put("space.expression", Set.of("variable", "json"));
    floors.put("space", Set.of("space.expression", "variable", "json"));
    floors.put("session", Set.of("space", "state", "variable", "json"));
    floors.put("lm", Set.of("variable", "json"));
    floors.put("program", Set.of("lm", "variable", "json"));
    floors.put("evaluate", Set.of("program", "lm", "variable", "json"));
    floors.put("sampler", Set.of("space", "variable", "json"));
    floors.put(
        "study",
        Set.of(
            "sampler",
            "space",
            "evaluate",
            "program",
            "lm",
            "session",
            "state",
            "variable",
            "json"));
    floors.put("openai", Set.of("lm", "json"));
    floors.put("bridge.wire", Set.of());
    floors.put(
        "bridge",
        Set.of("bridge.wire", "session", "state", "space", "program", "lm", "variable", "json"));
    return floors;
  }

  /** Every rule by the name its planted violation is registered under. */
  Map<String, ArchRule> rules() {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("floors", onlyLooksDown());
    rules.put(
        "cycles",
        slices().matching(root + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true));
    rules.put("annexes", nobodyImportsAnnexes());
    rules.put("names", noDumpingGrounds());
    rules.put("finality", publicClassesAreClosed());
    rules.put("exceptions", exceptionsAreTyped());
    rules.put("globals", noMutableStatics());
    rules.put("doors", timeAndChanceComeThroughTheDoor());
    rules.put("signatures", noThirdPartyTypesInPublicSignatures());
    rules.put("deserialization", noObjectDeserialization());
    rules.put("threadLocals", noThreadLocals());
    rules.put("console", noConsole());
    return rules;
  }

  private ArchRule onlyLooksDown() {
    return classes()
        .should(
            new ArchCondition<>("only use packages below their own") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                item.getDirectDependenciesFromSelf().stream()
                    .filter(dependency -> !mayUse(item, dependency.getTargetClass()))
                    .forEach(
                        dependency ->
                            events.add(
                                SimpleConditionEvent.violated(item, dependency.getDescription())));
              }
            });
  }

  private boolean mayUse(JavaClass user, JavaClass used) {
    String from = floor(user);
    String to = floor(used.getBaseComponentType());
    if (to == null || to.isEmpty() || to.equals(from)) {
      return true; // the JDK, a library, the root package, or its own
    }
    return from != null && FLOORS.getOrDefault(from, Set.of()).contains(to);
  }

  /** The package below the root, "" for the root itself, null for foreign code. */
  private String floor(JavaClass type) {
    String name = type.getPackageName();
    if (name.equals(root)) {
      return "";
    }
    return name.startsWith(root + ".") ? name.substring(root.length() + 1) : null;
  }

  private ArchRule nobodyImportsAnnexes() {
    String[] annexes =
        ANNEXES.stream().map(annex -> root + "." + annex + "..").toArray(String[]::new);
    return noClasses()
        .that()
        .resideOutsideOfPackages(annexes)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(annexes);
  }

  private ArchRule noDumpingGrounds() {
    return noClasses()
        .should()
        .resideInAnyPackage("..util..", "..utils..", "..impl..", "..internal..", "..common..")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Utils");
  }

  private ArchRule publicClassesAreClosed() {
    return classes()
        .that()
        .arePublic()
        .and()
        .areNotInterfaces()
        .should(
            new ArchCondition<>("be final or abstract") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                boolean closed =
                    item.getModifiers().contains(JavaModifier.FINAL)
                        || item.getModifiers().contains(JavaModifier.ABSTRACT)
                        || item.isEnum();
                if (!closed) {
                  events.add(
                      SimpleConditionEvent.violated(
                          item, item.getName() + " can be subclassed by anyone"));
                }
              }
            });
  }

  private ArchRule exceptionsAreTyped() {
    return classes()
        .that()
        .areAssignableTo(Exception.class)
        .and()
        .arePublic()
        .should(
            new ArchCondition<>("extend TrimtabException") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                if (!item.isAssignableTo(TrimtabException.class)) {
                  events.add(
                      SimpleConditionEvent.violated(
                          item, item.getName() + " is no TrimtabException"));
                }
              }
            });
  }

  private ArchRule noMutableStatics() {
    return fields()
        .that()
        .areStatic()
        .should(
            be(
                DescribedPredicate.describe(
                    "final",
                    (JavaField field) -> field.getModifiers().contains(JavaModifier.FINAL))));
  }

  private ArchRule timeAndChanceComeThroughTheDoor() {
    return noClasses()
        .that(
            DescribedPredicate.describe(
                "are no door", (JavaClass type) -> !DOORS.contains(type.getSimpleName())))
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "asks the machine for time, chance or sleep", Architecture::asksTheMachine));
  }

  private static boolean asksTheMachine(JavaAccess<?> call) {
    return FORBIDDEN_CALLS.contains(
        call.getTargetOwner().getName() + "." + call.getTarget().getName());
  }

  private ArchRule noThirdPartyTypesInPublicSignatures() {
    String[] annexes =
        ANNEXES.stream().map(annex -> root + "." + annex + "..").toArray(String[]::new);
    return classes()
        .that()
        .arePublic()
        .and()
        .resideOutsideOfPackages(annexes)
        .should(
            new ArchCondition<>("show only types of the JDK and of Trimtab") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                foreignTypes(item)
                    .forEach(
                        text ->
                            events.add(
                                SimpleConditionEvent.violated(
                                    item, item.getName() + " shows " + text)));
              }
            });
  }

  private List<String> foreignTypes(JavaClass item) {
    List<String> foreign = new ArrayList<>();
    for (JavaMember member : item.getMembers()) {
      boolean visible =
          member.getModifiers().contains(JavaModifier.PUBLIC)
              || member.getModifiers().contains(JavaModifier.PROTECTED);
      if (visible) {
        signature(member)
            .filter(this::isForeign)
            .forEach(type -> foreign.add(type.getName() + " in " + member.getFullName()));
      }
    }
    Stream.concat(item.getRawInterfaces().stream(), item.getRawSuperclass().stream())
        .filter(this::isForeign)
        .forEach(type -> foreign.add(type.getName() + " as a supertype"));
    return foreign;
  }

  private static Stream<JavaClass> signature(JavaMember member) {
    if (member instanceof JavaField field) {
      return field.getType().getAllInvolvedRawTypes().stream();
    }
    JavaCodeUnit unit = (JavaCodeUnit) member;
    return Stream.concat(
        unit.getReturnType().getAllInvolvedRawTypes().stream(),
        unit.getParameterTypes().stream().flatMap(type -> type.getAllInvolvedRawTypes().stream()));
  }

  private boolean isForeign(JavaClass type) {
    JavaClass element = type.getBaseComponentType();
    String name = element.getPackageName();
    return !element.isPrimitive()
        && !name.startsWith("java.")
        && !name.equals(root)
        && !name.startsWith(root + ".")
        && !name.startsWith("io.trimtab");
  }

  private ArchRule noObjectDeserialization() {
    return noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.beans.XMLDecoder")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("javax.script..");
  }

  private ArchRule noThreadLocals() {
    return noClasses().should().dependOnClassesThat().areAssignableTo(ThreadLocal.class);
  }

  private ArchRule noConsole() {
    return noClasses()
        .that(
            DescribedPredicate.describe(
                "do not offer the console by name",
                type -> !type.getSimpleName().equals("ProgressBar")))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err");
  }
}
