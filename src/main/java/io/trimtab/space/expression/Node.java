package io.trimtab.space.expression;

import java.util.List;

/**
 * A part of a compiled expression: the typed syntax tree, for code that reasons about rules
 * (bounds, narrowing, explanation) instead of evaluating them. Every tree handed out is well typed.
 *
 * <p>Immutable. A tree is at most {@link Expression#MAX_HEIGHT} levels high and has at most {@link
 * Expression#MAX_NODES} nodes, so recursion over it is safe.
 */
public sealed interface Node {

  /**
   * Returns the type of this part's value.
   *
   * @return the type
   */
  ExpressionType type();

  /**
   * Returns where this part stands in the source: its operator, else its first character.
   *
   * @return a zero-based index in chars
   */
  int position();

  /**
   * Returns the parts this one is made of, in the order they are written; the options of {@code in}
   * are not parts.
   *
   * @return the direct children; empty for a leaf
   */
  default List<? extends Node> children() {
    return List.of();
  }

  /**
   * A fixed value.
   *
   * @param value a {@link Long}, {@link Double}, {@link Boolean} or {@link String}, as the type
   *     says
   * @param type the type of the value
   * @param position where it stands
   */
  record Literal(Object value, ExpressionType type, int position) implements Node {}

  /**
   * The value of a variable; an evaluation error when it is absent.
   *
   * @param name the declared name
   * @param slot the place of its declaration
   * @param type the declared type
   * @param continuous whether it was declared continuous
   * @param position where it stands
   */
  record Variable(String name, int slot, ExpressionType type, boolean continuous, int position)
      implements Node {}

  /**
   * {@code has(x)}: whether a variable is present.
   *
   * @param name the declared name
   * @param slot the place of its declaration
   * @param position where it stands
   */
  record Has(String name, int slot, int position) implements Node {
    @Override
    public ExpressionType type() {
      return ExpressionType.BOOL;
    }
  }

  /**
   * {@code !x}.
   *
   * @param operand a boolean
   * @param position where it stands
   */
  record Not(Node operand, int position) implements Node {
    @Override
    public ExpressionType type() {
      return ExpressionType.BOOL;
    }

    @Override
    public List<? extends Node> children() {
      return List.of(operand);
    }
  }

  /**
   * {@code -x}.
   *
   * @param operand an int or a double
   * @param position where it stands
   */
  record Negate(Node operand, int position) implements Node {
    @Override
    public ExpressionType type() {
      return operand.type();
    }

    @Override
    public List<? extends Node> children() {
      return List.of(operand);
    }
  }

  /** The binary operators on numbers. */
  enum ArithmeticOperator {
    /** Sum. */
    PLUS("+"),
    /** Difference. */
    MINUS("-"),
    /** Product. */
    TIMES("*"),
    /** Quotient; of ints rounded toward zero. */
    DIVIDE("/"),
    /** Remainder of ints, with the sign of the dividend. */
    REMAINDER("%");

    private final String symbol;

    ArithmeticOperator(String symbol) {
      this.symbol = symbol;
    }

    /**
     * Returns the operator as written.
     *
     * @return the symbol
     */
    @Override
    public String toString() {
      return symbol;
    }
  }

  /**
   * Arithmetic on two numbers of one type.
   *
   * @param operator the operation
   * @param left an int or a double
   * @param right the same type as the left side
   * @param position where the operator stands
   */
  record Arithmetic(ArithmeticOperator operator, Node left, Node right, int position)
      implements Node {
    @Override
    public ExpressionType type() {
      return left.type();
    }

    @Override
    public List<? extends Node> children() {
      return List.of(left, right);
    }
  }

  /** The comparisons. */
  enum ComparisonOperator {
    /** Less than. */
    LESS("<"),
    /** Less than or equal to. */
    LESS_OR_EQUAL("<="),
    /** Greater than. */
    GREATER(">"),
    /** Greater than or equal to. */
    GREATER_OR_EQUAL(">="),
    /** Equal to. */
    EQUAL("=="),
    /** Not equal to. */
    NOT_EQUAL("!=");

    private final String symbol;

    ComparisonOperator(String symbol) {
      this.symbol = symbol;
    }

    /**
     * Returns the operator that says the same with its sides exchanged.
     *
     * @return {@code >} for {@code <}, and so on; equality stays itself
     */
    public ComparisonOperator mirrored() {
      return switch (this) {
        case LESS -> GREATER;
        case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
        case GREATER -> LESS;
        case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
        case EQUAL, NOT_EQUAL -> this;
      };
    }

    /**
     * Returns the operator as written.
     *
     * @return the symbol
     */
    @Override
    public String toString() {
      return symbol;
    }
  }

  /**
   * A comparison of two values of one type, or of an int with a double by their exact values.
   *
   * @param operator the comparison
   * @param left any type
   * @param right the same type as the left side, or the other numeric type
   * @param position where the operator stands
   */
  record Comparison(ComparisonOperator operator, Node left, Node right, int position)
      implements Node {
    @Override
    public ExpressionType type() {
      return ExpressionType.BOOL;
    }

    @Override
    public List<? extends Node> children() {
      return List.of(left, right);
    }
  }

  /**
   * {@code x in [a, b, c]}: whether a value equals one of the options.
   *
   * @param element any type
   * @param options fixed values, each comparable with the element
   * @param position where {@code in} stands
   */
  record Membership(Node element, List<Literal> options, int position) implements Node {
    /** Copies the options. */
    public Membership {
      options = List.copyOf(options);
    }

    @Override
    public ExpressionType type() {
      return ExpressionType.BOOL;
    }

    @Override
    public List<? extends Node> children() {
      return List.of(element);
    }
  }

  /**
   * {@code a && b && c}: false if one operand is false, else an error if one is, else true.
   *
   * @param operands two or more booleans
   * @param position where the first operator stands
   */
  record And(List<Node> operands, int position) implements Node {
    /** Copies the operands. */
    public And {
      operands = List.copyOf(operands);
    }

    @Override
    public ExpressionType type() {
      return ExpressionType.BOOL;
    }

    @Override
    public List<? extends Node> children() {
      return operands;
    }
  }

  /**
   * {@code a || b || c}: true if one operand is true, else an error if one is, else false.
   *
   * @param operands two or more booleans
   * @param position where the first operator stands
   */
  record Or(List<Node> operands, int position) implements Node {
    /** Copies the operands. */
    public Or {
      operands = List.copyOf(operands);
    }

    @Override
    public ExpressionType type() {
      return ExpressionType.BOOL;
    }

    @Override
    public List<? extends Node> children() {
      return operands;
    }
  }

  /**
   * {@code test ? yes : no}; only the chosen side is evaluated.
   *
   * @param test a boolean
   * @param yes the value when the test is true
   * @param no the value when it is false, of the same type
   * @param position where the question mark stands
   */
  record Conditional(Node test, Node yes, Node no, int position) implements Node {
    @Override
    public ExpressionType type() {
      return yes.type();
    }

    @Override
    public List<? extends Node> children() {
      return List.of(test, yes, no);
    }
  }

  /** The functions. */
  enum Function {
    /** Number of code points of a string. */
    SIZE("size"),
    /** Whether a string begins with another. */
    STARTS_WITH("startsWith"),
    /** Whether a string ends with another. */
    ENDS_WITH("endsWith"),
    /** Whether a string contains another. */
    CONTAINS("contains"),
    /** The double nearest to a number. */
    DOUBLE("double"),
    /** A number without its fraction. */
    INT("int"),
    /** The least of numbers of one type. */
    MIN("min"),
    /** The greatest of numbers of one type. */
    MAX("max"),
    /** The magnitude of a number. */
    ABS("abs");

    private final String word;

    Function(String word) {
      this.word = word;
    }

    /**
     * Returns the function's name as written.
     *
     * @return the name
     */
    @Override
    public String toString() {
      return word;
    }
  }

  /**
   * A function of one or more values.
   *
   * @param function the function
   * @param arguments its arguments; for the method form, what stands before the dot comes first
   * @param type the type of the result
   * @param position where the name of the function stands
   */
  record Call(Function function, List<Node> arguments, ExpressionType type, int position)
      implements Node {
    /** Copies the arguments. */
    public Call {
      arguments = List.copyOf(arguments);
    }

    @Override
    public List<? extends Node> children() {
      return arguments;
    }
  }
}
