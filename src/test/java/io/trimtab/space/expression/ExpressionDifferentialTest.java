package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.cel.runtime.CelRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Random expressions and values, answered by us, by cel-java and by a slow interpreter of our own.
 *
 * <p>We and the interpreter must always agree. We and cel-java must agree on the value or the class
 * of error, except where the interpreter, asked to imitate cel-java, gives cel-java's answer: the
 * differences are exactly those that {@link TreeInterpreter.Dialect#CEL_JAVA} lists.
 */
final class ExpressionDifferentialTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int EXPRESSIONS = LONG ? 200_000 : 25_000;
  private static final int BINDINGS = 4;
  private static final long SEED = Long.getLong("trimtab.seed", 20261121L);

  /**
   * What full CEL takes and our subset does not, by our own words; docs/constraints.md lists them.
   */
  private static final List<Pattern> NARROWER =
      List.of(
          Pattern.compile("(min|max) needs numbers of one type, got .*,.*"),
          Pattern.compile("'\\+' needs two ints or two doubles, got string.* and string.*"),
          Pattern.compile("(int|double) needs one number, got string.*"),
          Pattern.compile("'[!-]' needs a (bool|number), got .*")); // cel-java drops "--" unseen

  private final CelOracle cel =
      new CelOracle(RandomExpressions.VARIABLES, RandomExpressions.OPTIONAL_GROUPS);
  private int compiled;
  private int refused;
  private int errors;
  private int excused;
  private int narrower;

  @Test
  void evaluate_randomExpressionsAndValues_agreesWithCelJava() {
    for (int i = 0; i < EXPRESSIONS; i++) {
      check(SEED + i);
    }

    System.out.printf(
        "differential: %d compiled, %d refused by both, %d runtime errors by both, %d excused, %d refused by us only%n",
        compiled, refused, errors, excused, narrower);
    assertThat(compiled).isGreaterThan(EXPRESSIONS / 2);
    assertThat(refused).isGreaterThan(EXPRESSIONS / 50);
    assertThat(errors).isGreaterThan(EXPRESSIONS / 20);
    assertThat(excused).isLessThan(EXPRESSIONS / 20);
  }

  private void check(long seed) {
    RandomExpressions random = new RandomExpressions(seed);
    ExpressionType type =
        seed % 5 == 0
            ? ExpressionType.INT
            : seed % 5 == 1 ? ExpressionType.DOUBLE : ExpressionType.BOOL;
    int depth = (int) (1 + seed % 4);
    RandomExpressions.Text text =
        seed % 6 == 0 ? random.perhapsIllTyped(type, depth) : random.wellTyped(type, depth);
    if (text.type() == ExpressionType.STRING) {
      return; // one part was to be of another type, and it was the whole
    }
    CelRuntime.Program theirs = cel.compile(text.cel(), text.type());
    Compiled ours;
    try {
      ours = Compiled.of(text);
    } catch (ExpressionException e) {
      checkRefusal(seed, text, theirs, e);
      return;
    }
    if (theirs == null) {
      fail("seed %d: only cel-java refuses%n%s%n%s", seed, text.ours(), text.cel());
    }
    compiled++;
    for (int i = 0; i < BINDINGS; i++) {
      compare(seed, text, ours, theirs, random.slots());
    }
  }

  private void checkRefusal(
      long seed, RandomExpressions.Text text, CelRuntime.Program theirs, ExpressionException ours) {
    if (theirs == null) {
      refused++;
    } else if (NARROWER.stream().anyMatch(p -> p.matcher(ours.problem()).matches())) {
      narrower++;
    } else {
      fail("seed %d: only we refuse, %s%n%s", seed, ours.getMessage(), text.cel());
    }
  }

  private void compare(
      long seed,
      RandomExpressions.Text text,
      Compiled ours,
      CelRuntime.Program theirs,
      Object[] slots) {
    Object answer = ours.answer(slots);
    Object slow = interpreted(ours, TreeInterpreter.Dialect.OURS, slots);
    CelOracle.Answer celAnswer = cel.evaluate(theirs, slots);
    Object expected = celAnswer.error() == null ? celAnswer.value() : CelOracle.Answer.RUNTIME;
    if (!same(answer, slow)) {
      fail(
          "seed %d: compiled %s, interpreted %s, cel-java %s%n%s%nover %s",
          seed, answer, slow, expected, text.ours(), Arrays.toString(slots));
    }
    if (!same(answer, expected)) {
      Object imitated = interpreted(ours, TreeInterpreter.Dialect.CEL_JAVA, slots);
      if (!same(imitated, expected)) {
        fail(
            "seed %d: we %s, cel-java %s%n%s%n%s%nover %s",
            seed, answer, expected, text.ours(), text.cel(), Arrays.toString(slots));
      }
      excused++;
    }
    if (expected.equals(CelOracle.Answer.RUNTIME)) {
      errors++;
    }
  }

  private static Object interpreted(
      Compiled ours, TreeInterpreter.Dialect dialect, Object[] slots) {
    try {
      return new TreeInterpreter(dialect, slots).value(ours.root());
    } catch (TreeInterpreter.NoValue e) {
      return CelOracle.Answer.RUNTIME;
    }
  }

  /** Zeros of both signs are the same, as {@code ==} has it, and so are NaNs. */
  private static boolean same(Object left, Object right) {
    if (left instanceof Double a && right instanceof Double b) {
      return a.doubleValue() == b.doubleValue() || (a.isNaN() && b.isNaN());
    }
    return left.equals(right);
  }

  /** Our side: also numbers, which a rule cannot be, by way of comparing them with themselves. */
  private record Compiled(String source, Node root) {

    static Compiled of(RandomExpressions.Text text) {
      boolean rule = text.type() == ExpressionType.BOOL;
      String source = rule ? text.ours() : "(" + text.ours() + ") == (" + text.ours() + ")";
      Node root = Expression.compile(source, RandomExpressions.VARIABLES).root();
      return new Compiled(source, rule ? root : ((Node.Comparison) root).left());
    }

    Object answer(Object[] slots) {
      CodeGenerator generator = new CodeGenerator(source);
      Node folded = Folder.fold(root, source);
      try {
        return switch (root.type()) {
          case INT -> generator.integer(folded).value(slots);
          case DOUBLE -> generator.real(folded).value(slots);
          case BOOL -> generator.bool(folded).test(slots);
          case STRING -> throw new AssertionError("strings are not generated at the top");
        };
      } catch (EvaluationException e) {
        return CelOracle.Answer.RUNTIME;
      }
    }
  }
}
