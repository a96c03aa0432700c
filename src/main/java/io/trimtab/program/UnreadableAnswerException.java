package io.trimtab.program;

import io.trimtab.TrimtabException;
import io.trimtab.lm.Usage;
import java.util.List;

/**
 * Says that a model answered, but not in a form its signature can be read from, after every repair
 * allowed. The way to the model works: asking another model, or wording the task differently, may
 * help; waiting does not.
 */
public final class UnreadableAnswerException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** Who could not read the answer. */
  private final String adapter;

  /** What the model wrote. */
  private final String rawText;

  private final transient FieldValues partial;

  /** What is wrong with it. */
  private final List<String> problems;

  private final transient Usage usage;
  private final transient List<Attempt> attempts;

  /**
   * Creates the error of one parse, as adapters throw it.
   *
   * @param adapter the name of the adapter that could not read the text
   * @param rawText what the model wrote
   * @param partial the fields that could be read
   * @param problems what is wrong, one sentence each, at least one
   */
  public UnreadableAnswerException(
      String adapter, String rawText, FieldValues partial, List<String> problems) {
    this(adapter, rawText, partial, problems, List.of(), "");
  }

  private UnreadableAnswerException(
      String adapter,
      String rawText,
      FieldValues partial,
      List<String> problems,
      List<Attempt> attempts,
      String where) {
    super(
        "the %s adapter cannot read the answer%s: %s; read so far: %s"
            .formatted(adapter, where, String.join("; ", problems), partial.names()));
    this.adapter = adapter;
    this.rawText = rawText;
    this.partial = partial;
    this.problems = List.copyOf(problems);
    this.attempts = List.copyOf(attempts);
    this.usage = Attempt.usage(attempts);
  }

  UnreadableAnswerException after(List<Attempt> all, String predictor) {
    String where =
        " of predictor \"%s\" after %d model call%s"
            .formatted(predictor, all.size(), all.size() == 1 ? "" : "s");
    UnreadableAnswerException complete =
        new UnreadableAnswerException(adapter, rawText, partial, problems, all, where);
    complete.setStackTrace(getStackTrace());
    return complete;
  }

  /**
   * Returns who could not read the answer.
   *
   * @return the name of the adapter tried last
   */
  public String adapter() {
    return adapter;
  }

  /**
   * Returns what the model wrote.
   *
   * @return the text of the last answer
   */
  public String rawText() {
    return rawText;
  }

  /**
   * Returns what could be read.
   *
   * @return the fields of the last answer that are in order
   */
  public FieldValues partial() {
    return partial;
  }

  /**
   * Returns what is wrong with the last answer.
   *
   * @return one sentence per problem
   */
  public List<String> problems() {
    return problems;
  }

  /**
   * Returns what all the attempts took.
   *
   * @return the sum over every model call
   */
  public Usage usage() {
    return usage;
  }

  /**
   * Returns the model calls that were made.
   *
   * @return the attempts in order; empty if an adapter was used by hand
   */
  public List<Attempt> attempts() {
    return attempts;
  }
}
