package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a source means, shown as its tree in prefix form. */
final class ExpressionGrammarTest {

  private static final List<Declaration> VARIABLES =
      List.of(
          Declaration.discrete("i", ExpressionType.INT),
          Declaration.discrete("j", ExpressionType.INT),
          Declaration.discrete("d", ExpressionType.DOUBLE),
          Declaration.discrete("a", ExpressionType.BOOL),
          Declaration.discrete("b", ExpressionType.BOOL),
          Declaration.discrete("c", ExpressionType.BOOL),
          Declaration.discrete("s", ExpressionType.STRING),
          Declaration.discrete("s.size", ExpressionType.INT),
          Declaration.discrete("agent.model", ExpressionType.STRING),
          Declaration.discrete("agent.model.size", ExpressionType.INT),
          Declaration.discrete("top-p", ExpressionType.DOUBLE),
          Declaration.discrete("agent.top-k", ExpressionType.INT),
          Declaration.discrete("2nd", ExpressionType.BOOL),
          Declaration.discrete("while", ExpressionType.BOOL),
          Declaration.discrete("agent.for", ExpressionType.BOOL),
          Declaration.discrete("size", ExpressionType.INT),
          Declaration.discrete("has", ExpressionType.BOOL),
          Declaration.discrete("_x1", ExpressionType.BOOL));

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "a || b && c ~ (|| a (&& b c))",
        "a && b || c ~ (|| (&& a b) c)",
        "a || b || c ~ (|| a b c)",
        "a || (b || c) ~ (|| a (|| b c))",
        "!a && b ~ (&& (! a) b)",
        "!(a && b) ~ (! (&& a b))",
        "a == b == c ~ (== (== a b) c)",
        "i < j == a ~ (== (< i j) a)",
        "a == (i < j) ~ (== a (< i j))",
        "i in [1, 2] == a ~ (== (in i [1 2]) a)",
        "i + 1 in [1] ~ (in (+ i 1) [1])",
        "i - j - 1 == 0 ~ (== (- (- i j) 1) 0)",
        "i - (j - 1) == 0 ~ (== (- i (- j 1)) 0)",
        "i / j * 2 % 3 == 0 ~ (== (% (* (/ i j) 2) 3) 0)",
        "i + j * 2 == 0 ~ (== (+ i (* j 2)) 0)",
        "(i + j) * 2 == 0 ~ (== (* (+ i j) 2) 0)",
        "-i * j == 0 ~ (== (* (- i) j) 0)",
        "-i.size ~ refused",
        "i - -j == 0 ~ (== (- i (- j)) 0)",
        "i--j == 0 ~ (== (- i (- j)) 0)",
        "i - -1 == 0 ~ (== (- i -1) 0)",
        "i-1 == 0 ~ (== (- i 1) 0)",
        "--i == 0 ~ (== i 0)",
        "---i == 0 ~ (== (- i) 0)",
        "---5 == i ~ (== (- 5) i)",
        "- -5 == i ~ (== 5 i)",
        "!!a ~ a",
        "! ! !a ~ (! a)",
        "a ? b : c ~ (?: a b c)",
        "a ? b : c ? a : b ~ (?: a b (?: c a b))",
        "a || b ? b && c : c ~ (?: (|| a b) (&& b c) c)",
        "(a ? b : c) ? a : b ~ (?: (?: a b c) a b)",
        "a ? (b ? a : c) : c ~ (?: a (?: b a c) c)",
        "a ? b ? a : c : c ~ refused",
        "min(i, j, 3) < max(i) ~ (< (min i j 3) (max i))",
        "abs(-i) < int(double(i) + d) ~ (< (abs (- i)) (int (+ (double i) d)))",
        "s.startsWith('a') && s.endsWith(s) || s.contains(\"b\") "
            + "~ (|| (&& (startsWith s 'a') (endsWith s s)) (contains s 'b'))",
        "size(s) == s.size() ~ (== (size s) (size s))",
        "s.size == size ~ (== s.size size)",
        "'abc'.size() == 3 ~ (== (size 'abc') 3)",
        "(a ? s : 'x').size() == 3 ~ (== (size (?: a s 'x')) 3)",
        "agent.model.size() == agent.model.size ~ (== (size agent.model) agent.model.size)",
        "agent . model == 'x' ~ (== agent.model 'x')",
        "`top-p` < 0.5 ~ (< top-p 0.5)",
        "`agent.top-k` == agent.`top-k` ~ (== agent.top-k agent.top-k)",
        "`agent.model`.startsWith('a') ~ (startsWith agent.model 'a')",
        "`2nd` || `while` || agent.for ~ (|| 2nd while agent.for)",
        "has && has(has) && has(agent.model) && has(`top-p`) "
            + "~ (&& has (has has) (has agent.model) (has top-p))",
        "_x1 // the rest is a comment || ) ~ _x1",
        "i in [] ~ (in i [])",
        "i in [1, 2,] ~ (in i [1 2])",
        "i in [-1, (2), 0x10, 2.5] ~ (in i [-1 2 16 2.5])",
        "true && false ~ (&& true false)",
      })
  void compile_source_meansTheTree(String source, String tree) {
    assertThat(meaning(source)).isEqualTo(tree);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "0 ~ 0",
        "007 ~ 7",
        "0x1F ~ 31",
        "0xfFfF ~ 65535",
        "9223372036854775807 ~ 9223372036854775807",
        "-9223372036854775808 ~ -9223372036854775808",
        "- 9223372036854775808 ~ -9223372036854775808",
        "-0x8000000000000000 ~ -9223372036854775808"
      })
  void compile_integerLiteral_hasItsValue(String literal, long value) {
    Expression expression = Expression.compile("i == " + literal, VARIABLES);

    assertThat(((Node.Comparison) expression.root()).right())
        .isEqualTo(new Node.Literal(value, ExpressionType.INT, 5));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0, 0.0",
    ".5, 0.5",
    "1e3, 1000",
    "1E+3, 1000",
    "1.5e-3, 0.0015",
    "-0.0, -0.0",
    "4.9e-324, 4.9e-324",
    "1e-999, 0",
    "1.7976931348623157e308, 1.7976931348623157e308"
  })
  void compile_doubleLiteral_hasItsValue(String literal, double value) {
    Expression expression = Expression.compile("d < " + literal, VARIABLES);

    assertThat(((Node.Comparison) expression.root()).right())
        .isEqualTo(new Node.Literal(value, ExpressionType.DOUBLE, 4));
  }

  @Test
  void compile_stringLiteral_resolvesItsEscapes() {
    assertThat(string("'it\\'s'")).isEqualTo("it's");
    assertThat(string("\"it's\"")).isEqualTo("it's");
    assertThat(string("'\\\\ \\? \\\" \\`'")).isEqualTo("\\ ? \" `");
    assertThat(string("'\\a\\b\\f\\n\\r\\t\\v'")).isEqualTo("\u0007\b\f\n\r\t\u000B");
    assertThat(string("'\\x41\\X42\\103\\u0044\\U0001F600'")).isEqualTo("ABCD\ud83d\ude00");
    assertThat(string("'\\377\\xff'")).isEqualTo("\u00ff\u00ff");
    assertThat(string("r'\\d+\\'")).isEqualTo("\\d+\\");
    assertThat(string("R\"\\n'\"")).isEqualTo("\\n'");
    assertThat(string("'\ud83d\ude00 // no comment'")).isEqualTo("\ud83d\ude00 // no comment");
    assertThat(string("''")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {" a ", "\ta\n", "a\r\n", "\fa", "// first\na", "a // last", "(((a)))"})
  void compile_blanksCommentsAndParentheses_changeNothing(String source) {
    assertThat(meaning(source)).isEqualTo("a");
  }

  @Test
  void compile_declaredPrefixAndLongerName_readsTheLongest() {
    Expression expression = Expression.compile("agent.model.size > 3", VARIABLES);

    assertThat(expression.variables()).containsExactly("agent.model.size");
  }

  @Test
  void root_ofAnExpression_knowsWhereEachPartStands() {
    Expression expression = Expression.compile("i < 3 ||\n!(s == 'x')", VARIABLES);

    Node.Or or = (Node.Or) expression.root();
    assertThat(or.position()).isEqualTo(6);
    assertThat(or.operands()).extracting(Node::position).containsExactly(2, 9);
    assertThat(or.operands().get(1).children()).extracting(Node::position).containsExactly(13);
    assertThat(expression).hasToString("i < 3 ||\n!(s == 'x')");
  }

  @Test
  void equals_sameSourceOtherTypes_isAnother() {
    List<Declaration> doubles = List.of(Declaration.discrete("i", ExpressionType.DOUBLE));

    assertThat(Expression.compile("i > 3", VARIABLES))
        .isEqualTo(Expression.compile("i > 3", VARIABLES))
        .hasSameHashCodeAs(Expression.compile("i > 3", VARIABLES))
        .isNotEqualTo(Expression.compile("i > 3", doubles))
        .isNotEqualTo(Expression.compile("i >  3", VARIABLES));
  }

  private static String string(String literal) {
    Expression expression = Expression.compile("s == " + literal, VARIABLES);
    return (String) ((Node.Literal) ((Node.Comparison) expression.root()).right()).value();
  }

  private static String meaning(String source) {
    try {
      return prefix(Expression.compile(source, VARIABLES).toTree());
    } catch (ExpressionException e) {
      return "refused";
    }
  }

  private static String prefix(Object tree) {
    Map<?, ?> node = (Map<?, ?>) tree;
    if (node.containsKey("call")) {
      return "(" + node.get("call") + " " + all((List<?>) node.get("args")) + ")";
    } else if (node.containsKey("list")) {
      return "[" + all((List<?>) node.get("list")) + "]";
    } else if (node.containsKey("has")) {
      return "(has " + node.get("has") + ")";
    } else if (node.containsKey("string")) {
      return "'" + node.get("string") + "'";
    }
    return node.values().iterator().next().toString();
  }

  private static String all(List<?> trees) {
    return trees.stream().map(ExpressionGrammarTest::prefix).collect(Collectors.joining(" "));
  }
}
