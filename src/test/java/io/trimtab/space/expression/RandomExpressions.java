package io.trimtab.space.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes random expressions in two spellings, ours and cel-java's, and random values for their
 * variables. One seed always makes the same sequence.
 */
final class RandomExpressions {

  static final List<String> OPTIONAL_GROUPS = List.of("oi", "od", "ob", "os");

  static final List<Declaration> VARIABLES =
      List.of(
          Declaration.discrete("i", ExpressionType.INT),
          Declaration.discrete("max_iters", ExpressionType.INT),
          Declaration.discrete("agent.loop_count", ExpressionType.INT),
          Declaration.discrete("d", ExpressionType.DOUBLE),
          Declaration.discrete("temperature", ExpressionType.DOUBLE),
          Declaration.discrete("b", ExpressionType.BOOL),
          Declaration.discrete("use_tools", ExpressionType.BOOL),
          Declaration.discrete("s", ExpressionType.STRING),
          Declaration.discrete("agent.model.name", ExpressionType.STRING),
          Declaration.discrete("oi.x", ExpressionType.INT),
          Declaration.discrete("oi.y", ExpressionType.INT),
          Declaration.discrete("od.x", ExpressionType.DOUBLE),
          Declaration.discrete("ob.x", ExpressionType.BOOL),
          Declaration.discrete("os.x", ExpressionType.STRING));

  /**
   * A source in both spellings.
   *
   * @param binding how tightly its top operator binds: 0 for {@code ?:} to 7 for a primary
   */
  record Text(String ours, String cel, ExpressionType type, int binding) {}

  private static final int TERNARY = 0;
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int RELATION = 3;
  private static final int SUM = 4;
  private static final int PRODUCT = 5;
  private static final int UNARY = 6;
  private static final int PRIMARY = 7;

  private static final long[] LONGS = {
    0,
    1,
    -1,
    2,
    3,
    5,
    7,
    -7,
    10,
    64,
    4096,
    1L << 53,
    (1L << 53) + 1,
    -(1L << 53) - 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 1,
    3037000500L,
    Integer.MIN_VALUE
  };
  private static final double[] DOUBLES = {
    0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 0.1, 1e-3, 1e300, -1e300, 4.9e-324, 0x1p53, 0x1p63, -0x1p63,
    3.0, 7.0, 1e18
  };
  private static final String[] STRINGS = {
    "",
    "a",
    "B",
    "ab",
    "abc",
    "gpt-4-turbo",
    "gpt",
    "turbo",
    "\u00e9",
    "\uffee",
    "\ud83d\ude00",
    "\ud83d\ude00a",
    "it's",
    "a\"b",
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "`"
  };
  private static final String[] SPACES = {" ", " ", " ", "", "  ", "\n", "\t"};

  private final SplittableRandom random;
  private boolean illTyped;
  private int wrongTypes;

  RandomExpressions(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Returns a well-typed expression of a type. */
  Text wellTyped(ExpressionType type, int depth) {
    illTyped = false;
    wrongTypes = 0;
    return expression(type, depth);
  }

  /**
   * Returns an expression that is meant as the type, but one or two of its parts may be of others.
   */
  Text perhapsIllTyped(ExpressionType type, int depth) {
    illTyped = true;
    wrongTypes = 1 + random.nextInt(2);
    return expression(type, depth);
  }

  /** Returns values for all variables; the optional ones are null now and then. */
  Object[] slots() {
    Object[] slots = new Object[VARIABLES.size()];
    for (int slot = 0; slot < slots.length; slot++) {
      Declaration variable = VARIABLES.get(slot);
      boolean optional =
          OPTIONAL_GROUPS.stream().anyMatch(g -> variable.name().startsWith(g + "."));
      slots[slot] = optional && random.nextInt(3) == 0 ? null : value(variable.type());
    }
    return slots;
  }

  Object value(ExpressionType type) {
    return switch (type) {
      case INT -> random.nextBoolean() ? LONGS[random.nextInt(LONGS.length)] : small();
      case DOUBLE ->
          switch (random.nextInt(8)) {
            case 0 -> Double.NaN;
            case 1 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            case 2, 3, 4 -> DOUBLES[random.nextInt(DOUBLES.length)];
            case 5 -> (double) small();
            default -> random.nextDouble(-10, 10);
          };
      case BOOL -> random.nextBoolean();
      case STRING -> STRINGS[random.nextInt(STRINGS.length)];
    };
  }

  private long small() {
    return random.nextLong(-12, 13);
  }

  private ExpressionType anyType() {
    return ExpressionType.values()[random.nextInt(4)];
  }

  private ExpressionType number() {
    return random.nextBoolean() ? ExpressionType.INT : ExpressionType.DOUBLE;
  }

  private Text expression(ExpressionType wanted, int depth) {
    ExpressionType type = wanted;
    if (wrongTypes > 0 && random.nextInt(6) == 0) {
      wrongTypes--;
      type = anyType();
    }
    if (depth <= 0 || random.nextInt(8) == 0) {
      return leaf(type);
    }
    if (random.nextInt(9) == 0) {
      return conditional(type, depth);
    }
    return switch (type) {
      case INT -> integer(depth);
      case DOUBLE -> real(depth);
      case BOOL -> bool(depth);
      case STRING -> leaf(type);
    };
  }

  private Text leaf(ExpressionType type) {
    if (random.nextInt(3) > 0) {
      List<Declaration> fitting = VARIABLES.stream().filter(v -> v.type() == type).toList();
      String name = fitting.get(random.nextInt(fitting.size())).name();
      return new Text(name, name, type, PRIMARY);
    }
    return literal(type);
  }

  private Text literal(ExpressionType type) {
    String text =
        switch (type) {
          case INT -> integerText((Long) value(type));
          case DOUBLE -> doubleText(finite());
          case BOOL -> String.valueOf(random.nextBoolean());
          case STRING -> stringText(STRINGS[random.nextInt(STRINGS.length)]);
        };
    return new Text(text, text, type, text.startsWith("-") ? UNARY : PRIMARY);
  }

  private double finite() {
    double value;
    do {
      value = (Double) value(ExpressionType.DOUBLE);
    } while (!Double.isFinite(value));
    return value;
  }

  private String integerText(long value) {
    if (random.nextInt(4) > 0) {
      return Long.toString(value);
    }
    String hex = Long.toString(value, 16);
    return hex.startsWith("-") ? "-0x" + hex.substring(1) : "0x" + hex;
  }

  private String doubleText(double value) {
    String text = Double.toString(value);
    return text.startsWith("0.") && random.nextInt(4) == 0 ? text.substring(1) : text;
  }

  private String stringText(String value) {
    char quote = random.nextBoolean() ? '\'' : '"';
    boolean rawPossible = value.indexOf(quote) < 0 && value.indexOf('\n') < 0;
    if (rawPossible && random.nextInt(3) == 0) {
      return "r" + quote + value + quote;
    }
    StringBuilder text = new StringBuilder().append(quote);
    value.codePoints().forEach(c -> text.append(escaped(c, quote)));
    return text.append(quote).toString();
  }

  private String escaped(int c, char quote) {
    boolean must = c == quote || c == '\\' || c == '\n';
    if (!must && random.nextInt(6) > 0) {
      return Character.toString(c);
    }
    int form = random.nextInt(4);
    if (c == '\n') {
      return form == 0 ? "\\n" : "\\012";
    } else if (form == 0 && c < 0x100) {
      return String.format("\\x%02x", c);
    } else if (form == 1 && c < 0x100) {
      return String.format("\\%03o", c);
    } else if (form == 2 && c < 0x10000) {
      return String.format("\\u%04X", c);
    } else if (c == quote || c == '\\') {
      return "\\" + (char) c;
    }
    return String.format("\\U%08x", c);
  }

  private Text conditional(ExpressionType type, int depth) {
    Text test = expression(ExpressionType.BOOL, depth - 1);
    Text yes = expression(type, depth - 1);
    Text no = expression(type, depth - 1);
    return new Text(
        at(test, OR).ours()
            + gap()
            + "?"
            + gap()
            + at(yes, OR).ours()
            + gap()
            + ":"
            + gap()
            + at(no, TERNARY).ours(),
        at(test, OR).cel() + " ? " + at(yes, OR).cel() + " : " + at(no, TERNARY).cel(),
        yes.type(),
        TERNARY);
  }

  private Text integer(int depth) {
    return switch (random.nextInt(10)) {
      case 0 -> negated(expression(ExpressionType.INT, depth - 1));
      case 1 -> call("int", "int", ExpressionType.INT, expression(number(), depth - 1));
      case 2 -> size(expression(ExpressionType.STRING, depth - 1));
      case 3 -> extremum(ExpressionType.INT, depth);
      case 4 -> magnitude(expression(ExpressionType.INT, depth - 1));
      default -> arithmetic(ExpressionType.INT, "+-*/%", depth);
    };
  }

  private Text real(int depth) {
    return switch (random.nextInt(10)) {
      case 0 -> negated(expression(ExpressionType.DOUBLE, depth - 1));
      case 1, 2 -> call("double", "double", ExpressionType.DOUBLE, expression(number(), depth - 1));
      case 3 -> extremum(ExpressionType.DOUBLE, depth);
      case 4 -> magnitude(expression(ExpressionType.DOUBLE, depth - 1));
      default -> arithmetic(ExpressionType.DOUBLE, "+-*/", depth);
    };
  }

  private Text negated(Text operand) {
    // at UNARY: "-" before a literal or another "-" makes runs, which are a rule of their own
    Text inner = at(operand, operand.ours().startsWith("-") ? UNARY : PRIMARY);
    return new Text("-" + inner.ours(), "-" + inner.cel(), operand.type(), UNARY);
  }

  private Text size(Text text) {
    Text inner = at(text, PRIMARY);
    return random.nextBoolean()
        ? new Text(inner.ours() + ".size()", inner.cel() + ".size()", ExpressionType.INT, PRIMARY)
        : call("size", "size", ExpressionType.INT, text);
  }

  private Text call(String ours, String cel, ExpressionType type, Text... arguments) {
    List<String> oursArguments = new ArrayList<>();
    List<String> celArguments = new ArrayList<>();
    for (Text argument : arguments) {
      oursArguments.add(argument.ours());
      celArguments.add(argument.cel());
    }
    return new Text(
        ours + "(" + String.join("," + gap(), oursArguments) + ")",
        cel + "(" + String.join(", ", celArguments) + ")",
        type,
        PRIMARY);
  }

  private Text magnitude(Text number) {
    return call("abs", "math.abs", number.type(), number);
  }

  private Text extremum(ExpressionType type, int depth) {
    // three or more are dyn to cel-java, which would let any other type error through
    Text[] arguments = new Text[1 + random.nextInt(illTyped ? 2 : 3)];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = expression(type, depth - 1);
    }
    return random.nextBoolean()
        ? call("min", "math.least", arguments[0].type(), arguments)
        : call("max", "math.greatest", arguments[0].type(), arguments);
  }

  private Text arithmetic(ExpressionType type, String operators, int depth) {
    char operator = operators.charAt(random.nextInt(operators.length()));
    int binding = operator == '+' || operator == '-' ? SUM : PRODUCT;
    Text left = at(expression(type, depth - 1), binding);
    Text right = at(expression(type, depth - 1), binding + 1);
    return binary(String.valueOf(operator), left, right, left.type(), binding);
  }

  private Text bool(int depth) {
    return switch (random.nextInt(14)) {
      case 0, 1 -> chain("||", OR, depth);
      case 2, 3 -> chain("&&", AND, depth);
      case 4 -> not(expression(ExpressionType.BOOL, depth - 1));
      case 5 -> has();
      case 6 -> membership(depth);
      case 7 -> stringMethod(depth);
      default -> comparison(depth);
    };
  }

  private Text chain(String operator, int binding, int depth) {
    Text text = at(expression(ExpressionType.BOOL, depth - 1), binding);
    int more = 1 + random.nextInt(3);
    for (int i = 0; i < more; i++) {
      Text operand = at(expression(ExpressionType.BOOL, depth - 1), binding + 1);
      text = binary(operator, text, operand, ExpressionType.BOOL, binding);
    }
    return text;
  }

  private Text not(Text operand) {
    Text inner = at(operand, operand.ours().startsWith("!") ? UNARY : PRIMARY);
    return new Text("!" + inner.ours(), "!" + inner.cel(), ExpressionType.BOOL, UNARY);
  }

  private Text has() {
    List<Declaration> optional =
        VARIABLES.stream()
            .filter(v -> OPTIONAL_GROUPS.stream().anyMatch(g -> v.name().startsWith(g + ".")))
            .toList();
    String name = optional.get(random.nextInt(optional.size())).name();
    return new Text("has(" + name + ")", "has(" + name + ")", ExpressionType.BOOL, PRIMARY);
  }

  /** A mix of int and double in "in" and "==" needs dyn() in cel-java; ours compares them as is. */
  private Text membership(int depth) {
    ExpressionType type = anyType();
    Text element = at(expression(type, depth - 1), RELATION);
    List<String> ours = new ArrayList<>();
    List<String> cel = new ArrayList<>();
    boolean numbers = isNumber(element.type()) && isNumber(type);
    boolean mixed = numbers && (element.type() != type || random.nextBoolean());
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Text option = literal(mixed ? number() : type);
      ours.add(option.ours());
      cel.add(mixed ? "dyn(" + option.cel() + ")" : option.cel());
    }
    String celElement = mixed ? "dyn(" + element.cel() + ")" : element.cel();
    return new Text(
        element.ours() + " in" + gap() + "[" + String.join("," + gap(), ours) + "]",
        celElement + " in [" + String.join(", ", cel) + "]",
        ExpressionType.BOOL,
        RELATION);
  }

  private static boolean isNumber(ExpressionType type) {
    return type == ExpressionType.INT || type == ExpressionType.DOUBLE;
  }

  private Text stringMethod(int depth) {
    String[] methods = {"startsWith", "endsWith", "contains"};
    String method = "." + methods[random.nextInt(3)] + "(";
    Text text = at(expression(ExpressionType.STRING, depth - 1), PRIMARY);
    Text part = expression(ExpressionType.STRING, depth - 1);
    return new Text(
        text.ours() + method + part.ours() + ")",
        text.cel() + method + part.cel() + ")",
        ExpressionType.BOOL,
        PRIMARY);
  }

  private Text comparison(int depth) {
    String[] operators = {"<", "<=", ">", ">=", "==", "!="};
    String operator = operators[random.nextInt(operators.length)];
    ExpressionType leftType = random.nextInt(3) > 0 ? number() : anyType();
    ExpressionType rightType = isNumber(leftType) && random.nextInt(3) == 0 ? number() : leftType;
    Text left = at(expression(leftType, depth - 1), RELATION);
    Text right = at(expression(rightType, depth - 1), SUM);
    boolean mixed = left.type() != right.type() && isNumber(left.type()) && isNumber(right.type());
    if (mixed && (operator.equals("==") || operator.equals("!="))) {
      left = new Text(left.ours(), "dyn(" + left.cel() + ")", left.type(), left.binding());
    }
    return binary(operator, left, right, ExpressionType.BOOL, RELATION);
  }

  private Text binary(String operator, Text left, Text right, ExpressionType type, int binding) {
    return new Text(
        left.ours() + gap() + operator + gap() + right.ours(),
        left.cel() + " " + operator + " " + right.cel(),
        type,
        binding);
  }

  /** Puts parentheses around what binds too loosely, and now and then around what need not. */
  private Text at(Text text, int binding) {
    if (text.binding() >= binding && random.nextInt(12) > 0) {
      return text;
    }
    return new Text("(" + text.ours() + ")", "(" + text.cel() + ")", text.type(), PRIMARY);
  }

  private String gap() {
    return SPACES[random.nextInt(SPACES.length)];
  }
}
