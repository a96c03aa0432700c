package io.trimtab.space.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a source into a typed tree, or says where it is wrong. */
final class Parser {
  /*
   * Recursive descent over the grammar of CEL; types are checked as nodes are made (TypeRules), so
   * no untyped tree exists.
   *
   *   expression = or [ "?" or ":" expression ]
   *   or         = and { "||" and }
   *   and        = relation { "&&" relation }
   *   relation   = sum { ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum | "in" list }
   *   sum        = product { ( "+" | "-" ) product }
   *   product    = unary { ( "*" | "/" | "%" ) unary }
   *   unary      = { "!" } member | { "-" } member
   *   member     = primary { "." name "(" arguments ")" }
   *   primary    = literal | path | name "(" arguments ")" | "(" expression ")"
   *   path       = name { "." name }
   *
   * Only expression() recurses, and it counts its depth: the stack is bounded whatever the source.
   * Chains of one operator are loops. As in every implementation of CEL, an even run of "!" or "-"
   * is nothing, an odd run is one, and a single "-" before digits belongs to the number, so that
   * -9223372036854775808 can be written.
   */

  private static final Set<String> RELATIONS = Set.of("<", "<=", ">", ">=", "==", "!=");

  /** CEL keeps these for embedding languages; between backticks they are names like any other. */
  /** Words that may name a variable only in backquotes. */
  private static final Set<String> RESERVED =
      Set.of(
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  /** Words that mean something where a variable might stand; in backquotes they do not. */
  private static final Set<String> BUILT_IN =
      Set.of("true", "false", "null", "in", "has", "size", "min", "max", "abs", "int", "double");

  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");

  private final String source;
  private final Scope scope;
  private final TypeRules rules;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int depth;

  Parser(String source, Scope scope) {
    this.source = source;
    this.scope = scope;
    this.rules = new TypeRules(source);
  }

  Node parse() {
    refuseTooLong();
    readTokens();
    Node root = expression();
    if (current().kind() != Token.Kind.END) {
      throw unexpected("an operator or the end");
    }
    return rules.wholeExpression(root);
  }

  private void refuseTooLong() {
    int length = source.codePointCount(0, source.length());
    if (length > Expression.MAX_SOURCE_LENGTH) {
      throw problem(
          source.offsetByCodePoints(0, Expression.MAX_SOURCE_LENGTH),
          "expected at most " + Expression.MAX_SOURCE_LENGTH + " characters, got " + length);
    }
  }

  private void readTokens() {
    Lexer lexer = new Lexer(source);
    Token token;
    do {
      token = lexer.next();
      tokens.add(token);
    } while (token.kind() != Token.Kind.END);
  }

  private Node expression() {
    if (++depth > Expression.MAX_DEPTH) {
      throw problem(
          current().start(), "expected at most " + Expression.MAX_DEPTH + " levels of nesting");
    }
    Node node = or();
    Token question = current();
    if (accept("?")) {
      Node yes = or();
      expect(":", "':' and the other value");
      node = rules.conditional(node, yes, expression(), question.start());
    }
    depth--;
    return node;
  }

  private Node or() {
    int first = at;
    Node node = and();
    if (!current().is("||")) {
      return node;
    }
    int position = current().start();
    List<Node> operands = new ArrayList<>(List.of(rules.operandOf("||", node, startOf(first))));
    while (accept("||")) {
      int start = current().start();
      operands.add(rules.operandOf("||", and(), start));
    }
    return rules.or(operands, position);
  }

  private Node and() {
    int first = at;
    Node node = relation();
    if (!current().is("&&")) {
      return node;
    }
    int position = current().start();
    List<Node> operands = new ArrayList<>(List.of(rules.operandOf("&&", node, startOf(first))));
    while (accept("&&")) {
      int start = current().start();
      operands.add(rules.operandOf("&&", relation(), start));
    }
    return rules.and(operands, position);
  }

  private Node relation() {
    Node left = sum();
    while (true) {
      Token operator = current();
      if (operator.kind() == Token.Kind.OPERATOR && RELATIONS.contains(operator.text())) {
        at++;
        left = rules.comparison(operator.text(), left, sum(), operator.start());
      } else if (operator.isWord("in")) {
        at++;
        left = rules.membership(left, list(), operator.start());
      } else {
        return left;
      }
    }
  }

  private List<Node> list() {
    expect("[", "a list such as ['a', 'b'] after 'in'");
    List<Node> elements = new ArrayList<>();
    while (!current().is("]")) {
      elements.add(expression());
      if (!accept(",")) {
        break;
      }
    }
    expect("]", "',' or ']'");
    return elements;
  }

  private Node sum() {
    Node left = product();
    while (current().is("+") || current().is("-")) {
      Token operator = tokens.get(at++);
      left = rules.arithmetic(operator.text(), left, product(), operator.start());
    }
    return left;
  }

  private Node product() {
    Node left = unary();
    while (current().is("*") || current().is("/") || current().is("%")) {
      Token operator = tokens.get(at++);
      left = rules.arithmetic(operator.text(), left, unary(), operator.start());
    }
    return left;
  }

  private Node unary() {
    Token first = current();
    if (first.is("!")) {
      boolean odd = oddRunOf("!");
      Node operand = member(primary());
      return rules.not(operand, odd, first.start());
    }
    if (!first.is("-")) {
      return member(primary());
    }
    if (isNumber(tokens.get(at + 1))) {
      at++;
      return member(number(/* negative= */ true, first.start()));
    }
    boolean odd = oddRunOf("-");
    return rules.negate(member(primary()), odd, first.start());
  }

  private boolean oddRunOf(String operator) {
    int begin = at;
    while (current().is(operator)) {
      at++;
    }
    return (at - begin) % 2 == 1;
  }

  private static boolean isNumber(Token token) {
    return token.kind() == Token.Kind.INT || token.kind() == Token.Kind.DOUBLE;
  }

  private Node number(boolean negative, int position) {
    Token token = tokens.get(at++);
    return token.kind() == Token.Kind.INT
        ? rules.integer(token, negative, position)
        : rules.real(token, negative, position);
  }

  private Node member(Node target) {
    Node node = target;
    while (accept(".")) {
      Token name = current();
      if (name.kind() != Token.Kind.NAME || !tokens.get(at + 1).is("(")) {
        throw unexpected("a method such as startsWith(...) after '.'");
      }
      at++;
      List<Node> arguments = new ArrayList<>(List.of(node));
      arguments.addAll(arguments());
      node = rules.call(name.text(), arguments, /* method= */ true, name.start());
    }
    return node;
  }

  private Node primary() {
    Token token = current();
    if (isNumber(token)) {
      return number(/* negative= */ false, token.start());
    }
    if (token.kind() == Token.Kind.STRING) {
      at++;
      return rules.literal(token.text(), ExpressionType.STRING, token.start());
    }
    if (token.isName()) {
      return nameOrCall(token);
    }
    if (accept("(")) {
      Node inner = expression();
      expect(")", "an operator or ')'");
      return inner;
    }
    if (token.is("[")) {
      throw problem(token.start(), "a list may only stand on the right of 'in'");
    }
    throw unexpected("a value");
  }

  private Node nameOrCall(Token name) {
    if (name.isWord("true") || name.isWord("false")) {
      at++;
      return rules.literal(name.isWord("true"), ExpressionType.BOOL, name.start());
    }
    if (name.isWord("null")) {
      throw problem(name.start(), "null is not part of the language; has(x) asks for presence");
    }
    if (name.kind() == Token.Kind.NAME && tokens.get(at + 1).is("(")) {
      return call(name);
    }
    return variable(name.start(), path());
  }

  private Node call(Token name) {
    at++;
    if (name.isWord("has")) {
      return has(name);
    }
    return rules.call(name.text(), arguments(), /* method= */ false, name.start());
  }

  private Node has(Token name) {
    expect("(", "'('");
    int start = current().start();
    if (!current().isName()) {
      throw unexpected("the name of a variable inside has(...)");
    }
    String path = path();
    expect(")", "')': has(...) asks for one variable");
    return rules.counted(new Node.Has(path, slotOf(path, start), name.start()));
  }

  private List<Node> arguments() {
    expect("(", "'('");
    List<Node> arguments = new ArrayList<>();
    if (!current().is(")")) {
      do {
        arguments.add(expression());
      } while (accept(","));
    }
    expect(")", "',' or ')'");
    return arguments;
  }

  /** Tells whether a name can stand in an expression as it is and is taken for a variable. */
  static boolean plain(String name) {
    if (!PLAIN.matcher(name).matches()) {
      return false;
    }
    for (String segment : name.split("\\.", -1)) {
      if (RESERVED.contains(segment) || BUILT_IN.contains(segment)) {
        return false;
      }
    }
    return true;
  }

  /** Reads a dotted name; a name before "(" is a method and stays. */
  private String path() {
    StringBuilder path = new StringBuilder(segment());
    while (current().is(".") && tokens.get(at + 1).isName() && !tokens.get(at + 2).is("(")) {
      at++;
      path.append('.').append(tokens.get(at++).text());
    }
    return path.toString();
  }

  private String segment() {
    Token name = current();
    if (name.isWord("in")) {
      throw unexpected("a value");
    }
    if (name.kind() == Token.Kind.NAME && RESERVED.contains(name.text())) {
      throw problem(
          name.start(),
          "'" + name.text() + "' is a reserved word; as a name write `" + name.text() + "`");
    }
    at++;
    return name.text();
  }

  private Node variable(int start, String path) {
    int slot = slotOf(path, start);
    Declaration declared = scope.at(slot);
    return rules.counted(
        new Node.Variable(path, slot, declared.type(), declared.continuous(), start));
  }

  private int slotOf(String path, int start) {
    Integer slot = scope.slot(path);
    if (slot == null) {
      throw problem(start, scope.unknown(path));
    }
    return slot;
  }

  private Token current() {
    return tokens.get(at);
  }

  private int startOf(int tokenIndex) {
    return tokens.get(tokenIndex).start();
  }

  private boolean accept(String operator) {
    if (!current().is(operator)) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(String operator, String expected) {
    if (!accept(operator)) {
      throw unexpected(expected);
    }
  }

  private ExpressionException unexpected(String expected) {
    Token token = current();
    String hint = hint(token);
    return problem(
        token.start(),
        "expected " + expected + ", got " + token.described() + (hint == null ? "" : hint));
  }

  private static @Nullable String hint(Token token) {
    if (token.isWord("and")) {
      return "; write '&&'";
    } else if (token.isWord("or")) {
      return "; write '||'";
    } else if (token.isWord("not")) {
      return "; write '!'";
    }
    return null;
  }

  private ExpressionException problem(int position, String what) {
    return new ExpressionException(source, position, what);
  }
}
