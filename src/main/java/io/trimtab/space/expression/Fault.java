package io.trimtab.space.expression;

/**
 * An evaluation error that may happen at one place of an expression, prepared when it is compiled.
 *
 * @param source the whole expression
 * @param position zero-based index in chars
 * @param reason the kind of error
 * @param what the sentence for people
 */
record Fault(String source, int position, EvaluationException.Reason reason, String what) {

  EvaluationException raised() {
    return new EvaluationException(this);
  }

  String message() {
    TextPosition at = TextPosition.in(source, position);
    return what + " (line " + at.line() + ", column " + at.column() + ")\n" + at.excerptWithCaret();
  }
}
