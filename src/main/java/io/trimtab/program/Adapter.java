package io.trimtab.program;

import io.trimtab.lm.LmCapability;
import io.trimtab.lm.Message;
import io.trimtab.lm.ResponseFormat;
import java.util.List;
import java.util.Set;

/**
 * Turns a signature into a prompt and an answer back into fields.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once; the same arguments give the same prompt.
 *
 * <p><b>Errors.</b> An answer that cannot be read is an {@link UnreadableAnswerException} from
 * {@link #parse}, never a guess. It reports every problem of the answer at once.
 */
public interface Adapter {

  /**
   * Returns the name by which the parameter {@code adapter} selects it.
   *
   * @return such as {@code chat}
   */
  String name();

  /**
   * Writes the prompt.
   *
   * @param signature what is asked for
   * @param demonstrations worked examples, shown in the order the adapter sees fit
   * @param inputs the values of the question
   * @return the conversation, ending with the question
   */
  List<Message> prompt(Signature signature, List<Demonstration> demonstrations, FieldValues inputs);

  /**
   * Restates how an answer has to look, for a model whose answer could not be read.
   *
   * @param signature what is asked for
   * @return a sentence
   */
  String requirements(Signature signature);

  /**
   * Reads an answer.
   *
   * @param signature what was asked for
   * @param text what the model wrote
   * @return a value for every output
   * @throws UnreadableAnswerException if an output is missing or of another type
   */
  FieldValues parse(Signature signature, String text);

  /**
   * Chooses the form the model is asked to answer in.
   *
   * @param signature what is asked for
   * @param capabilities what the model can do
   * @return plain text unless the adapter needs another
   */
  default ResponseFormat responseFormat(Signature signature, Set<LmCapability> capabilities) {
    return ResponseFormat.TEXT;
  }
}
