package io.trimtab.space.expression;

import io.trimtab.TrimtabException;

/**
 * Says that a text is not an expression over the declared variables, and where: the answer is to
 * fix the text. The message shows the line with a caret under the fault.
 */
public final class ExpressionException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String source;
  private final transient String problem;
  private final transient int position;
  private final transient int line;
  private final transient int column;

  ExpressionException(String source, int position, String problem) {
    this(source, problem, TextPosition.in(source, position));
  }

  private ExpressionException(String source, String problem, TextPosition at) {
    super(
        problem
            + " (line "
            + at.line()
            + ", column "
            + at.column()
            + ")\n"
            + at.excerptWithCaret());
    this.source = source;
    this.problem = problem;
    this.position = at.offset();
    this.line = at.line();
    this.column = at.column();
  }

  /**
   * Returns the text that was to be compiled.
   *
   * @return the whole text
   */
  public String source() {
    return source;
  }

  /**
   * Returns what is wrong, without the place.
   *
   * @return one line
   */
  public String problem() {
    return problem;
  }

  /**
   * Returns where the fault begins.
   *
   * @return a zero-based index into {@link #source()}, in chars; its length when the end came too
   *     early
   */
  public int position() {
    return position;
  }

  /**
   * Returns the line of the fault.
   *
   * @return the line, from 1
   */
  public int line() {
    return line;
  }

  /**
   * Returns the column of the fault.
   *
   * @return the column in code points, from 1
   */
  public int column() {
    return column;
  }
}
