package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Expressions with a word lost, doubled, exchanged or slipped in: we and cel-java must refuse the
 * same ones, and mean the same by the others. That is the grammar, beyond what a generator of sound
 * expressions would write.
 */
final class SyntaxDifferentialTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int SOURCES = LONG ? 300_000 : 8_000;
  private static final long SEED = Long.getLong("trimtab.seed", 31_415L);

  private static final List<String> WORDS =
      List.of(
          "(",
          ")",
          ",",
          ".",
          "?",
          ":",
          "!",
          "-",
          "+",
          "*",
          "/",
          "%",
          "<",
          ">=",
          "==",
          "!=",
          "&&",
          "||",
          "in",
          "i",
          "d",
          "b",
          "s",
          "oi.x",
          "has",
          "size",
          "startsWith",
          "int",
          "true",
          "1",
          "2.5",
          ".5",
          "'a'",
          "0x1F",
          "if");

  /** What we refuse and cel-java takes, by our words; docs/constraints.md lists the reasons. */
  private static final List<Pattern> NARROWER =
      List.of(
          // to cel-java the part before the dot is a map with any keys
          Pattern.compile("unknown variable 'o[idbs](\\..*)?'.*"),
          Pattern.compile("expected a value, got ','"), // cel-java takes [,] for []
          Pattern.compile("expected (a value|the name of a variable inside has.*), got '\\.'"),
          Pattern.compile("unknown variable '(int|double|bool|string)'.*"),
          Pattern.compile("a list may only stand on the right of 'in'"),
          Pattern.compile("expected a list such as .*"),
          Pattern.compile("the list after 'in' may hold fixed values only"),
          Pattern.compile("expected a value that compares with .*"),
          Pattern.compile("'\\+' needs two ints or two doubles, got string.* and string.*"),
          Pattern.compile("(int|double) needs one number, got string.*"),
          Pattern.compile("'[!-]' needs a (bool|number), got .*"));

  private final CelOracle cel =
      new CelOracle(RandomExpressions.VARIABLES, RandomExpressions.OPTIONAL_GROUPS);
  private int compiled;
  private int refused;
  private int narrower;
  private int wider;

  @Test
  void compile_damagedExpressions_acceptsWhatCelJavaAccepts() {
    for (int i = 0; i < SOURCES; i++) {
      check(SEED + i);
    }

    System.out.printf(
        "syntax: %d compiled, %d refused by both, %d by us only, %d by cel-java only%n",
        compiled, refused, narrower, wider);
    assertThat(compiled).isGreaterThan(SOURCES / 50);
    assertThat(refused).isGreaterThan(SOURCES / 2);
    assertThat(narrower).isLessThan(SOURCES / 20);
    assertThat(wider).isLessThan(SOURCES / 100);
  }

  private void check(long seed) {
    RandomExpressions expressions = new RandomExpressions(seed);
    RandomExpressions.Text text = expressions.wellTyped(ExpressionType.BOOL, 2);
    if (!sameWords(text)) {
      return; // min, max, abs and dyn are spelled differently
    }
    String source = damaged(text.ours(), new SplittableRandom(seed));
    CelRuntime.Program theirs = cel.compile(source, ExpressionType.BOOL);
    Expression ours;
    try {
      ours = Expression.compile(source, RandomExpressions.VARIABLES);
    } catch (ExpressionException e) {
      checkRefusal(seed, source, theirs, e);
      return;
    }
    if (theirs == null && isWider(ours.root())) {
      wider++;
      return;
    } else if (theirs == null) {
      fail("seed %d: only cel-java refuses %s", seed, source);
    }
    compiled++;
    compare(seed, source, ours, theirs, expressions.slots());
  }

  /** What cel-java refuses and we take: the two numeric types meet, has() of a plain variable. */
  private static boolean isWider(Node node) {
    boolean here = false;
    if (node instanceof Node.Comparison comparison) {
      here = comparison.left().type() != comparison.right().type();
    } else if (node instanceof Node.Membership in) {
      here = in.options().stream().anyMatch(o -> o.type() != in.element().type());
    } else if (node instanceof Node.Has has) {
      here = !has.name().startsWith("o");
    }
    return here || node.children().stream().anyMatch(SyntaxDifferentialTest::isWider);
  }

  private void checkRefusal(
      long seed, String source, CelRuntime.Program theirs, ExpressionException ours) {
    if (theirs == null) {
      refused++;
    } else if (NARROWER.stream().anyMatch(p -> p.matcher(ours.problem()).matches())) {
      narrower++;
    } else {
      fail("seed %d: only we refuse %s%n%s", seed, source, ours.getMessage());
    }
  }

  private void compare(
      long seed, String source, Expression ours, CelRuntime.Program theirs, Object[] slots) {
    CelOracle.Answer expected = cel.evaluate(theirs, slots);
    Object imitated;
    try {
      imitated = new TreeInterpreter(TreeInterpreter.Dialect.CEL_JAVA, slots).value(ours.root());
    } catch (TreeInterpreter.NoValue e) {
      imitated = null;
    }
    if (!Objects.equals(imitated, expected.value())) {
      fail(
          "seed %d: our tree means %s, cel-java says %s: %s over %s",
          seed, imitated, expected.value(), source, Arrays.toString(slots));
    }
  }

  private static boolean sameWords(RandomExpressions.Text text) {
    return text.ours().replaceAll("\\s", "").equals(text.cel().replaceAll("\\s", ""));
  }

  private static String damaged(String source, SplittableRandom random) {
    List<String> words = words(source);
    int times = random.nextInt(1, 3);
    for (int i = 0; i < times && !words.isEmpty(); i++) {
      int at = random.nextInt(words.size());
      switch (random.nextInt(4)) {
        case 0 -> words.remove(at);
        case 1 -> words.add(at, words.get(random.nextInt(words.size())));
        case 2 -> words.set(at, words.get(random.nextInt(words.size())));
        default -> words.add(at, WORDS.get(random.nextInt(WORDS.size())));
      }
    }
    return String.join(random.nextInt(3) == 0 ? "" : " ", words);
  }

  private static List<String> words(String source) {
    List<String> words = new ArrayList<>();
    Lexer lexer = new Lexer(source);
    for (Token token = lexer.next(); token.kind() != Token.Kind.END; token = lexer.next()) {
      words.add(source.substring(token.start(), token.end()));
    }
    return words;
  }
}
