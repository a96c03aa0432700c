package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An expression in much use gets a class of its own, and nobody notices but the clock. */
class SpecializedCodeTest {

  private static final int EXPRESSIONS = 500;
  private static final int BINDINGS = 8;

  private static BoolCode closures(String source) {
    Node root = Expression.compile(source, RandomExpressions.VARIABLES).root();
    return new CodeGenerator(source).bool(Folder.fold(root, source));
  }

  /** Returns the value, or the message of the error. */
  private static Object answer(BoolCode code, Object[] slots) {
    try {
      return code.test(slots);
    } catch (EvaluationException e) {
      return e.getMessage();
    }
  }

  @Test
  void test_randomExpressionsAndValues_answersAndFailsAsTheClosures() {
    int errors = 0;
    for (int seed = 0; seed < EXPRESSIONS; seed++) {
      RandomExpressions random = new RandomExpressions(seed);
      String source = random.wellTyped(ExpressionType.BOOL, 1 + seed % 4).ours();
      BoolCode closures = closures(source);
      BoolCode specialized = WarmingCode.specialized(closures);
      for (int i = 0; i < BINDINGS; i++) {
        Object[] slots = random.slots();
        Object expected = answer(closures, slots);
        errors += expected instanceof String ? 1 : 0;
        if (!answer(specialized, slots).equals(expected)) {
          fail(
              "seed %d: expected %s of %s%nover %s",
              seed, expected, source, Arrays.toString(slots));
        }
      }
    }

    assertThat(errors).isPositive();
  }

  @Test
  void test_untilEnough_countsAndThenOffersACopyInAClassOfItsOwn() {
    List<BoolCode> offered = new ArrayList<>();
    WarmingCode warming = new WarmingCode(slots -> slots[0] != null, offered::add);

    for (int i = 1; i < WarmingCode.ENOUGH; i++) {
      warming.test(new Object[] {i});
    }
    List<BoolCode> before = List.copyOf(offered);
    boolean answer = warming.test(new Object[] {null});

    assertThat(before).isEmpty();
    assertThat(offered).hasSize(1);
    assertThat(offered.get(0).getClass().isHidden()).isTrue();
    assertThat(answer).isFalse();
    assertThat(offered.get(0).test(new Object[] {1})).isTrue();
  }

  @Test
  void evaluate_pastEnough_goesOnAsBefore() {
    List<Declaration> variables = List.of(Declaration.discrete("n", ExpressionType.INT));
    Expression even = Expression.compile("n % 2 == 0 && n / n == 1", variables);
    List<Long> wrong = new ArrayList<>();

    for (long n = 1; n <= 3 * WarmingCode.ENOUGH; n++) {
      if (even.evaluate(new Object[] {n}) != (n % 2 == 0)) {
        wrong.add(n);
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(answer(even::evaluate, new Object[] {0L}).toString()).contains("division by zero");
  }
}
