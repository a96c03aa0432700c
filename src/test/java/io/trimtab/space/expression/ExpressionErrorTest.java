package io.trimtab.space.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExpressionErrorTest {

  private static final List<Declaration> VARIABLES =
      List.of(
          Declaration.discrete("max_tokens", ExpressionType.INT),
          Declaration.discrete("max_iters", ExpressionType.INT),
          Declaration.continuous("temperature"),
          Declaration.discrete("step", ExpressionType.DOUBLE),
          Declaration.discrete("stream", ExpressionType.BOOL),
          Declaration.discrete("model", ExpressionType.STRING),
          Declaration.discrete("top-p", ExpressionType.DOUBLE));

  /** A problem is compared by its beginning. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        // words and signs
        "stream = true ~ 7 ~ '=' is not an operator; write '=='",
        "stream & stream ~ 7 ~ '&' is not an operator; write '&&'",
        "stream | stream ~ 7 ~ '|' is not an operator; write '||'",
        "stream # ~ 7 ~ '#' is not part of the language",
        "stream \u00a7 ~ 7 ~ '\u00a7' is not part of the language",
        "stream \u0001x ~ 7 ~ the character U+0001 is not part of the language",
        "stream \ud800 ~ 7 ~ the character U+D800 is not part of the language",
        "stream and stream ~ 7 ~ expected an operator or the end, got 'and'; write '&&'",
        "stream or stream ~ 7 ~ expected an operator or the end, got 'or'; write '||'",
        "not stream ~ 0 ~ unknown variable 'not'",
        "max_tokens > 5u ~ 13 ~ unsigned integers are not part of the language; drop the 'u'",
        "b'x' == model ~ 0 ~ bytes are not part of the language",
        "model == 'x ~ 9 ~ this string is never closed",
        "model == 'x\\ ~ 9 ~ this string is never closed",
        "model == 'x\\q' ~ 11 ~ this escape does not exist",
        "model == 'x\\u12' ~ 11 ~ this escape needs 4 hexadecimal digits",
        "model == '\\uD83D' ~ 10 ~ this is not a Unicode character",
        "model == '\\U00110000' ~ 10 ~ this is not a Unicode character",
        "model == '\\400' ~ 10 ~ this escape does not exist",
        "model == '\\189' ~ 10 ~ this escape needs 3 octal digits",
        "model == '\ud83d' ~ 10 ~ this is not a Unicode character",
        "`top-p < 3 ~ 0 ~ this backtick is never closed",
        "`` < 3 ~ 0 ~ expected a name between the backticks",
        // grammar
        "max_tokens > ~ 12 ~ expected a value, got the end",
        "(stream ~ 7 ~ expected an operator or ')', got the end",
        "stream) ~ 6 ~ expected an operator or the end, got ')'",
        "stream stream ~ 7 ~ expected an operator or the end, got 'stream'",
        "|| stream ~ 0 ~ expected a value, got '||'",
        "stream ? stream ~ 15 ~ expected ':' and the other value, got the end",
        "max_tokens in max_iters ~ 14 ~ expected a list such as ['a', 'b'] after 'in'",
        "max_tokens in [1 ~ 16 ~ expected ',' or ']', got the end",
        "[1, 2] == 3 ~ 0 ~ a list may only stand on the right of 'in'",
        "null == model ~ 0 ~ null is not part of the language; has(x) asks for presence",
        "in ~ 0 ~ expected a value, got 'in'",
        "while ~ 0 ~ 'while' is a reserved word; as a name write `while`",
        "has(max_tokens + 1) ~ 15 ~ expected ')': has(...) asks for one variable",
        "has('x') ~ 4 ~ expected the name of a variable inside has(...)",
        "has(nothing) ~ 4 ~ unknown variable 'nothing'",
        "min(max_tokens, ) > 3 ~ 16 ~ expected a value, got ')'",
        "!-max_tokens ~ 1 ~ expected a value, got '-'",
        "'''x''' == model ~ 2 ~ expected an operator or the end, got a string",
        "model.length > 3 ~ 0 ~ unknown variable 'model.length'",
        "(model).length > 3 ~ 8 ~ expected a method such as startsWith(...) after '.'",
        "1.5.5 < 3 ~ 3 ~ expected an operator or the end, got '.5'",
        "max_tokens > 1e ~ 14 ~ expected an operator or the end, got 'e'",
        // names
        "max_token > 3 ~ 0 ~ unknown variable 'max_token'; did you mean 'max_tokens'?",
        "MAX_ITERS > 3 ~ 0 ~ unknown variable 'MAX_ITERS'; did you mean 'max_iters'?",
        "stream && temprature < 1 ~ 10 ~ unknown variable 'temprature'; "
            + "did you mean 'temperature'?",
        "top_p < 1 ~ 0 ~ unknown variable 'top_p'; did you mean '`top-p`'?",
        "zzz < 1 ~ 0 ~ unknown variable 'zzz'",
        "startWith(model, 'a') ~ 0 ~ unknown function 'startWith'; did you mean 'startsWith'?",
        "model.matches('a') ~ 6 ~ unknown function 'matches'; the functions are has, size,",
        // types
        "max_tokens * 0.5 > 1.0 ~ 11 ~ '*' needs two ints or two doubles, got int 'max_tokens' "
            + "and double; write double(max_tokens)",
        "temperature + 1 > 1.0 ~ 12 ~ '+' needs two ints or two doubles, "
            + "got double 'temperature' and int; write 1.0",
        "temperature * (1 + max_iters) > 1.0 ~ 12 ~ '*' needs two ints or two doubles, "
            + "got double 'temperature' and int; write double(...) around the int",
        "model + 'x' == 'y' ~ 6 ~ '+' needs two ints or two doubles, got string 'model' and string",
        "temperature % 2.0 > 1.0 ~ 12 ~ '%' needs two ints, got two doubles",
        "max_tokens % 2.0 > 1.0 ~ 11 ~ '%' needs two ints, got int 'max_tokens' and double",
        "max_tokens == 'x' ~ 11 ~ '==' needs two values of one type, got int 'max_tokens' and string",
        "stream < 1 ~ 7 ~ '<' needs two values of one type, got bool 'stream' and int",
        "1 < max_tokens < 5 ~ 15 ~ '<' needs two values of one type, got bool and int",
        "max_tokens ~ 0 ~ expected an expression that is true or false, got int",
        "'x' ~ 0 ~ expected an expression that is true or false, got string",
        "!max_tokens ~ 0 ~ '!' needs a bool, got int 'max_tokens'",
        "!!max_tokens ~ 0 ~ '!' needs a bool, got int 'max_tokens'",
        "-model == 'x' ~ 0 ~ '-' needs a number, got string 'model'",
        "stream && max_tokens ~ 10 ~ '&&' needs two bools, got int 'max_tokens'",
        "max_tokens || stream ~ 0 ~ '||' needs two bools, got int 'max_tokens'",
        "max_tokens ? stream : stream ~ 11 ~ '?' needs a bool on its left, got int 'max_tokens'",
        "stream ? 1 : stream ~ 7 ~ '?:' needs two values of one type, got int and bool 'stream'",
        "(stream ? 1 : 2.0) < 3 ~ 8 ~ '?:' needs two values of one type, got int and double; "
            + "write 1.0",
        "max_tokens in ['a'] ~ 15 ~ expected a value that compares with int 'max_tokens', got string",
        "max_tokens in [max_iters] ~ 15 ~ the list after 'in' may hold fixed values only",
        "size(max_tokens) > 3 ~ 0 ~ size needs a string, got int 'max_tokens'",
        "size() > 3 ~ 0 ~ size needs a string, got nothing",
        "model.size(model) > 3 ~ 6 ~ size needs a string, got string 'model', string 'model'",
        "startsWith(model, 'a') ~ 0 ~ write s.startsWith(t): it is a method of a string",
        "model.startsWith(3) ~ 6 ~ startsWith needs one string, got string 'model', int",
        "max_tokens.abs() > 3 ~ 11 ~ write abs(...): it is not a method",
        "min() > 3 ~ 0 ~ min needs numbers of one type, got nothing",
        "min(max_tokens, 0.5) > 3 ~ 0 ~ min needs numbers of one type, got int 'max_tokens', "
            + "double; write double(...) around the ints",
        "min(model) > 3 ~ 0 ~ min needs numbers of one type, got string 'model'",
        "abs(max_tokens, max_tokens) > 3 ~ 0 ~ abs needs one number",
        "double('1.5') > 1.0 ~ 0 ~ double needs one number, got string",
        "int(stream) > 1 ~ 0 ~ int needs one number, got bool 'stream'",
        // numbers
        "max_tokens < 9223372036854775808 ~ 13 ~ expected an integer from -2^63 to 2^63 - 1",
        "max_tokens < -9223372036854775809 ~ 13 ~ expected an integer from -2^63 to 2^63 - 1",
        "max_tokens < --9223372036854775808 ~ 15 ~ expected an integer from -2^63 to 2^63 - 1",
        "max_tokens < ---9223372036854775808 ~ 16 ~ expected an integer from -2^63 to 2^63 - 1",
        "max_tokens < 0xFFFFFFFFFFFFFFFF ~ 13 ~ expected an integer from -2^63 to 2^63 - 1",
        "temperature < 1e999 ~ 14 ~ expected a finite double, got '1e999'",
        // continuous variables
        "temperature == 0.7 ~ 12 ~ '==' on the continuous variable 'temperature' would be met by "
            + "no sample; allow a tolerance, abs(temperature - 0.5) <= 0.01, or give the variable "
            + "a step",
        "0.7 == temperature ~ 4 ~ '==' on the continuous variable 'temperature'",
        "temperature == 1 ~ 12 ~ '==' on the continuous variable 'temperature'",
        "step == 2.0 * temperature ~ 5 ~ '==' on the continuous variable 'temperature'",
        "abs(temperature) == 1.0 ~ 17 ~ '==' on the continuous variable 'temperature'",
        "temperature in [0.5] ~ 12 ~ 'in' on the continuous variable 'temperature'",
        "!(temperature != 0.7) ~ 14 ~ '!' of '!=' on the continuous variable 'temperature'",
        "(stream ? temperature : 1.0) == 1.0 ~ 29 ~ '==' on the continuous variable 'temperature'",
      })
  void compile_faultySource_saysWhatAndWhere(String source, int position, String problem) {
    ExpressionException error =
        catchThrowableOfType(
            ExpressionException.class, () -> Expression.compile(source, VARIABLES));

    assertThat(error).as("compiled").isNotNull();
    assertThat(error.problem()).startsWith(problem);
    assertThat(error.position()).isEqualTo(position);
    assertThat(error.source()).isEqualTo(source);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "step == 0.5",
        "step in [0.5, 1]",
        "temperature != 0.7",
        "int(temperature) == 1",
        "(temperature > 0.5) == stream",
        "(temperature > 0.5 ? 1.0 : 2.0) == 1.0",
        "has(temperature) == stream",
        "!(step != 0.5)",
        "!!(temperature != 0.7)",
      })
  void compile_equalityThatSamplesCanMeet_isAllowed(String source) {
    assertThat(Expression.compile(source, VARIABLES)).hasToString(source);
  }

  @Test
  void message_ofAFaultOnTheSecondLine_showsThatLineAndACaret() {
    String source = "stream &&\n  \ttemprature < 1 // \ud83d\ude00\n|| stream";

    assertThatThrownBy(() -> Expression.compile(source, VARIABLES))
        .hasMessage(
            "unknown variable 'temprature'; did you mean 'temperature'? (line 2, column 4)\n"
                + "     temprature < 1 // \ud83d\ude00\n"
                + "     ^")
        .isInstanceOfSatisfying(
            ExpressionException.class,
            e -> {
              assertThat(e.line()).isEqualTo(2);
              assertThat(e.column()).isEqualTo(4);
              assertThat(e.position()).isEqualTo(13);
            });
  }

  @Test
  void message_ofAFaultInALongLine_showsOnlyItsNeighbourhood() {
    String source = "stream || ".repeat(100) + "nothing_like_it" + " || stream".repeat(100);

    assertThatThrownBy(() -> Expression.compile(source, VARIABLES))
        .isInstanceOfSatisfying(
            ExpressionException.class,
            e -> {
              assertThat(e.getMessage()).hasSizeLessThan(300);
              String[] lines = e.getMessage().split("\n");
              assertThat(lines[1].substring(lines[2].indexOf('^'))).startsWith("nothing_like_it");
            });
  }

  @Test
  void column_afterCharactersOutsideTheBasicPlane_countsCodePoints() {
    assertThatThrownBy(() -> Expression.compile("'\ud83d\ude00' == mode", VARIABLES))
        .isInstanceOfSatisfying(
            ExpressionException.class,
            e -> {
              assertThat(e.position()).isEqualTo(8);
              assertThat(e.column()).isEqualTo(8);
            });
  }

  @Test
  void compile_withoutDeclarations_saysThatNothingIsDeclared() {
    assertThatThrownBy(() -> Expression.compile("x > 3", List.of()))
        .hasMessageStartingWith("unknown variable 'x'; no variable is declared");
  }

  @Test
  void compile_nameDeclaredTwice_isMisuse() {
    Declaration x = Declaration.discrete("x", ExpressionType.INT);

    assertThatThrownBy(() -> Expression.compile("x > 3", List.of(x, x)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("variable 'x' is declared twice");
  }

  @Test
  void declaration_ofAContinuousInt_isMisuse() {
    assertThatThrownBy(() -> new Declaration("x", ExpressionType.INT, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x: only a double can be continuous, but this is declared int");
  }
}
