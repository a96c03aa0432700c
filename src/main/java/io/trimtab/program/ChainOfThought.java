package io.trimtab.program;

import io.trimtab.lm.LanguageModel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * A predictor that lets the model reason before it answers: the output {@code reasoning} comes
 * first, the outputs of the signature follow.
 *
 * <p>Immutable; parameters are those of {@link Predict}.
 */
public final class ChainOfThought implements Program {

  /** The name of the output that is added. */
  public static final String REASONING = "reasoning";

  private final Predict predict;

  private ChainOfThought(Predict predict) {
    this.predict = predict;
  }

  /**
   * Lets a predictor reason first.
   *
   * @param predict what to ask; a signature that starts with {@code reasoning} stays as it is
   * @return the program
   */
  public static ChainOfThought of(Predict predict) {
    Signature signature = predict.signature();
    boolean reasons = signature.outputs().get(0).name().equals(REASONING);
    return new ChainOfThought(
        reasons
            ? predict
            : predict.withSignature(
                signature.prependOutput(Field.of(REASONING, FieldType.Simple.STR))));
  }

  /**
   * Creates a reasoning predictor.
   *
   * @param signature what to ask for, as {@link Signature#parse} reads it
   * @param model who answers
   * @return the program
   * @throws SignatureException if the signature cannot be read
   */
  public static ChainOfThought of(String signature, LanguageModel model) {
    return of(Predict.of(signature, model));
  }

  @Override
  public Prediction forward(FieldValues inputs, Run run) {
    return predict.forward(inputs, run);
  }

  @Override
  public CompletableFuture<Prediction> forwardAsync(FieldValues inputs, Run run) {
    return predict.forwardAsync(inputs, run);
  }

  @Override
  public List<Predict> predictors() {
    return List.of(predict);
  }

  @Override
  public ChainOfThought withPredictors(UnaryOperator<Predict> change) {
    return of(change.apply(predict));
  }

  @Override
  public ChainOfThought with(String parameter, Object value) {
    return new ChainOfThought(predict.with(parameter, value));
  }

  @Override
  public ChainOfThought bind(String parameter, String variable) {
    return new ChainOfThought(predict.bind(parameter, variable));
  }

  @Override
  public ChainOfThought bind(String parameter, String variable, BindingListener listener) {
    return new ChainOfThought(predict.bind(parameter, variable, listener));
  }

  @Override
  public ChainOfThought bindOptional(String parameter, String variable) {
    return new ChainOfThought(predict.bindOptional(parameter, variable));
  }

  @Override
  public ChainOfThought unbind(String parameter) {
    return new ChainOfThought(predict.unbind(parameter));
  }

  @Override
  public Map<String, String> bindings() {
    return predict.bindings();
  }

  @Override
  public Set<String> parameters() {
    return predict.parameters();
  }

  @Override
  public String toString() {
    return "ChainOfThought(" + predict + ")";
  }
}
