package io.trimtab.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Scale;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bounding and narrowing lose nothing: for random rules over random boxes, every valid point of a
 * box is still in it afterwards, an empty box had none, and a full one has nothing else.
 */
final class NarrowerTest {

  private static final String[] INTEGERS = {"i", "j", "k"};
  private static final String[] DOUBLES = {"x", "y", "z"};

  private final SplittableRandom random = new SplittableRandom(1);

  private static SpaceBuilder builder() {
    return ConfigurationSpace.named("s")
        .floating("x", 0, -2, 3)
        .floating("y", 0.1, 1e-3, 10, Scale.LOG)
        .floating("z", 0, -1, 1, 0.25)
        .integer("i", 0, -5, 20)
        .integer("j", 1, 1, 3_000, Scale.LOG)
        .integer("k", 0, -1_000_000, 1_000_000, 1_000)
        .bool("b", true)
        .choice("c", "one", "three", "five")
        .choice("d", "one", "three", "five")
        .activeWhen("y", "b")
        .activeWhen("k", "c != 'one' || x > 1.0")
        .activeWhen("d", "has(k) && k > -500000");
  }

  private String integer(int depth) {
    if (depth == 0) {
      return random.nextInt(3) == 0
          ? String.valueOf(random.nextInt(-3, 12))
          : INTEGERS[random.nextInt(3)];
    }
    String a = integer(depth - 1);
    String b = integer(depth - 1);
    return switch (random.nextInt(9)) {
      case 0, 1 -> "(" + a + " + " + b + ")";
      case 2 -> "(" + a + " - " + b + ")";
      case 3 -> a + " * " + b;
      case 4 -> "(" + a + ") / (" + b + ")";
      case 5 -> "(" + a + ") % (" + b + ")";
      case 6 -> "max(" + a + ", " + b + ")";
      case 7 -> "(" + truth(0) + " ? " + a + " : " + b + ")";
      default -> random.nextBoolean() ? "int(" + real(depth - 1) + ")" : "size(c)";
    };
  }

  private String real(int depth) {
    if (depth == 0) {
      return random.nextInt(3) == 0
          ? String.valueOf(random.nextInt(-8, 9) / 4.0)
          : DOUBLES[random.nextInt(3)];
    }
    String a = real(depth - 1);
    String b = real(depth - 1);
    return switch (random.nextInt(9)) {
      case 0, 1 -> "(" + a + " + " + b + ")";
      case 2 -> "(" + a + " - " + b + ")";
      case 3 -> a + " * " + b;
      case 4 -> "(" + a + ") / (" + b + ")";
      case 5 -> "abs(" + a + ")";
      case 6 -> "min(" + a + ", " + b + ")";
      case 7 -> "-(" + a + ")";
      default -> "double(" + integer(depth - 1) + ")";
    };
  }

  private String truth(int depth) {
    String[] operators = {"<", "<=", ">", ">=", "==", "!="};
    if (depth > 0) {
      String a = truth(depth - 1);
      String b = truth(depth - 1);
      return switch (random.nextInt(4)) {
        case 0 -> "(" + a + ") && (" + b + ")";
        case 1 -> "(" + a + ") || (" + b + ")";
        case 2 -> "!(" + a + ")";
        default -> "(" + a + ") ? (" + b + ") : (" + truth(depth - 1) + ")";
      };
    }
    String operator = operators[random.nextInt(4)];
    return switch (random.nextInt(9)) {
      case 0, 1 -> real(1 + random.nextInt(2)) + " " + operator + " " + real(random.nextInt(2));
      case 2, 3 ->
          integer(1 + random.nextInt(2))
              + " "
              + operators[random.nextInt(6)]
              + " "
              + integer(random.nextInt(2));
      case 4 -> integer(1) + " " + operator + " " + real(1);
      case 5 -> integer(1) + " in [1, 2, 7]";
      case 6 -> random.nextBoolean() ? "c == d" : "c.startsWith('t')";
      case 7 -> random.nextBoolean() ? "b == (" + truth(0) + ")" : "has(k)";
      default -> "c != 'one'";
    };
  }

  private ConfigurationSpace space() {
    while (true) {
      SpaceBuilder builder = builder();
      int rules = 1 + random.nextInt(3);
      for (int rule = 0; rule < rules; rule++) {
        String text = truth(random.nextInt(3));
        if (random.nextBoolean()) {
          builder.require(text, "rule");
        } else {
          builder.forbid(text, "rule");
        }
      }
      if (random.nextInt(4) == 0) {
        builder.forbid(java.util.Map.of("c", "three", "d", "one", "i", 4), "not together");
      }
      try {
        return builder.build();
      } catch (InvalidDefinitionException | InfeasibleSpaceException another) {
        // The defaults break it, or it asks a continuum for equality.
      }
    }
  }

  private double[] box(Narrower narrower) {
    double[] box = narrower.everything();
    for (int place = 0; place < narrower.spans.length; place++) {
      CoverAxis axis = narrower.spans[place].axis;
      for (int cuts = random.nextInt(6); cuts > 0; cuts--) {
        double from = box[2 * place];
        double to = box[2 * place + 1];
        double middle = axis.middle(from, to);
        if (from < to && random.nextBoolean()) {
          box[2 * place + 1] = middle;
        } else if (from < to) {
          box[2 * place] = axis.after(middle);
        }
      }
    }
    return box;
  }

  @ParameterizedTest
  @ValueSource(ints = 600)
  void narrow_randomRulesAndBoxes_losesNothingValid(int cases) {
    int empty = 0;
    int full = 0;
    int cut = 0;
    for (int i = 0; i < cases; i++) {
      ConfigurationSpace space = space();
      int[] slots = space.definition().order();
      Narrower narrower = Narrower.of(space.definition(), slots, space.rules());
      PointJudge judge = new PointJudge(space.definition(), narrower);
      for (int boxes = 0; boxes < 4; boxes++) {
        double[] before = box(narrower);
        double[] after = before.clone();
        Narrower.Verdict verdict = narrower.narrow(after);
        empty += verdict == Narrower.Verdict.EMPTY ? 1 : 0;
        full += verdict == Narrower.Verdict.FULL ? 1 : 0;
        cut += Arrays.equals(before, after) ? 0 : 1;
        long settled = narrower.settled();
        for (int points = 0; points < 25; points++) {
          check(space, narrower, judge, before, after, verdict);
        }
        if (verdict == Narrower.Verdict.OPEN) {
          checkHalf(space, narrower, judge, after, settled);
        }
      }
    }
    assertThat(empty).isGreaterThan(cases / 10);
    assertThat(full).isGreaterThan(cases / 10);
    assertThat(cut).isGreaterThan(cases / 4);
  }

  /** Divides a box that was narrowed and narrows a half of it, from what is known of the whole. */
  private void checkHalf(
      ConfigurationSpace space, Narrower narrower, PointJudge judge, double[] whole, long settled) {
    int place = random.nextInt(narrower.spans.length);
    CoverAxis axis = narrower.spans[place].axis;
    double[] half = whole.clone();
    half[2 * place + 1] = axis.middle(half[2 * place], half[2 * place + 1]);
    double[] narrowed = half.clone();
    Narrower.Verdict verdict = narrower.narrow(narrowed, settled, place);
    for (int points = 0; points < 25; points++) {
      check(space, narrower, judge, half, narrowed, verdict);
    }
  }

  private void check(
      ConfigurationSpace space,
      Narrower narrower,
      PointJudge judge,
      double[] before,
      double[] after,
      Narrower.Verdict verdict) {
    int places = narrower.spans.length;
    double[] point = new double[2 * places];
    boolean inside = true;
    for (int place = 0; place < places; place++) {
      judge.draw(
          point, place, before[2 * place], before[2 * place + 1], random.nextInt(9) / 8.000001);
      double at = point[place + places];
      inside &= at >= after[2 * place] && at <= after[2 * place + 1];
    }
    Object[] values = new Object[places];
    double[] copy = point.clone();
    judge.accept(copy, values);
    boolean valid =
        IntStream.range(0, places)
            .allMatch(s -> (values[s] == null) != space.definition().active(s, values));
    assertThat(valid).as("activity").isTrue();
    boolean holds = space.rules().stream().allMatch(rule -> rule.check().holds(values));
    List<Object> shown = java.util.Arrays.asList(values);
    assertThat(judge.judge(point.clone(), new Object[places]) == null)
        .as("%s judged at %s", space.rules(), shown)
        .isEqualTo(holds);
    if (holds) {
      assertThat(verdict)
          .as("%s has %s", space.rules(), shown)
          .isNotEqualTo(Narrower.Verdict.EMPTY);
      assertThat(inside).as("%s keeps %s", space.rules(), shown).isTrue();
    } else if (inside) {
      assertThat(verdict)
          .as("%s forbids %s", space.rules(), shown)
          .isNotEqualTo(Narrower.Verdict.FULL);
    }
  }

  @Test
  void narrow_linearRules_isAsTightAsArithmeticAllows() {
    ConfigurationSpace space =
        ConfigurationSpace.named("s")
            .floating("x", 0, 0, 1)
            .floating("y", 0, 0, 1)
            .integer("n", 0, 0, 100)
            .require("x + y <= 0.25", "sum")
            .require("3 * n < 10", "few")
            .build();
    Narrower narrower = Narrower.of(space.definition(), space.definition().order(), space.rules());
    double[] box = narrower.everything();

    narrower.narrow(box);

    assertThat(box[1]).isBetween(0.25, 0.25 + 1e-12);
    assertThat(box[3]).isBetween(0.25, 0.25 + 1e-12);
    assertThat(box[5]).isEqualTo(3);
  }
}
