package io.trimtab.evaluate;

import io.trimtab.program.Example;
import io.trimtab.program.Prediction;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** A metric made of a function. */
record FunctionMetric(
    String name, BiFunction<Example, Prediction, CompletableFuture<Score>> function)
    implements Metric {

  @Override
  public CompletableFuture<Score> score(Example example, Prediction prediction) {
    return function.apply(example, prediction);
  }

  @Override
  public String toString() {
    return name;
  }
}
