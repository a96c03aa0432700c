package io.trimtab.space.expression;

import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns a boolean tree into code that copes with slots not assigned yet. */
final class PartialCodeGenerator {
  /*
   * Kleene's three-valued logic [1] with CEL's errors as a fourth value. Logic is followed operand
   * by operand; anything else (a comparison, a function) is one atom: unknown while a slot it
   * mentions is unassigned, else evaluated as usual. That is sound, and cheap: an atom costs its
   * slots. It is not the sharpest answer, "x * 0 == 0" stays unknown without x.
   *
   * [1] Kleene, Introduction to Metamathematics, 1952, section 64.
   */

  private final CodeGenerator generator;

  PartialCodeGenerator(String source) {
    this.generator = new CodeGenerator(source);
  }

  PartialCode partial(Node node) {
    if (node instanceof Node.Not not) {
      PartialCode operand = partial(not.operand());
      return slots -> negated(operand.test(slots));
    } else if (node instanceof Node.And and) {
      return junction(and.operands(), Outcome.FALSE, Outcome.TRUE);
    } else if (node instanceof Node.Or or) {
      return junction(or.operands(), Outcome.TRUE, Outcome.FALSE);
    } else if (node instanceof Node.Conditional choice) {
      return conditional(partial(choice.test()), partial(choice.yes()), partial(choice.no()));
    }
    return atom(node);
  }

  private static Outcome negated(Outcome outcome) {
    return switch (outcome) {
      case TRUE -> Outcome.FALSE;
      case FALSE -> Outcome.TRUE;
      case ERROR, UNKNOWN -> outcome;
    };
  }

  private PartialCode junction(List<Node> nodes, Outcome decider, Outcome neutral) {
    PartialCode[] operands = nodes.stream().map(this::partial).toArray(PartialCode[]::new);
    return slots -> {
      Outcome result = neutral;
      for (PartialCode operand : operands) {
        Outcome outcome = operand.test(slots);
        if (outcome == decider) {
          return decider;
        }
        // unknown outranks an error: it may still become the decider and absorb it
        if (outcome != neutral && result != Outcome.UNKNOWN) {
          result = outcome;
        }
      }
      return result;
    };
  }

  private static PartialCode conditional(PartialCode test, PartialCode yes, PartialCode no) {
    return slots ->
        switch (test.test(slots)) {
          case TRUE -> yes.test(slots);
          case FALSE -> no.test(slots);
          case ERROR -> Outcome.ERROR;
          case UNKNOWN -> agreed(yes.test(slots), no.test(slots));
        };
  }

  private static Outcome agreed(Outcome yes, Outcome no) {
    // the test itself may fail, so agreement on true or false is not certain
    return yes == Outcome.ERROR && no == Outcome.ERROR ? Outcome.ERROR : Outcome.UNKNOWN;
  }

  private PartialCode atom(Node node) {
    int[] mentioned =
        new TreeSet<>(Mentions.in(node).names().keySet())
            .stream().mapToInt(Integer::intValue).toArray();
    BoolCode code = generator.bool(node);
    return slots -> isOpen(slots, mentioned) ? Outcome.UNKNOWN : evaluated(code, slots);
  }

  private static boolean isOpen(@Nullable Object[] slots, int[] mentioned) {
    for (int slot : mentioned) {
      if (slots[slot] == Expression.UNASSIGNED) {
        return true;
      }
    }
    return false;
  }

  private static Outcome evaluated(BoolCode code, @Nullable Object[] slots) {
    try {
      return Outcome.of(code.test(slots));
    } catch (EvaluationException e) {
      return Outcome.ERROR;
    }
  }
}
