package io.trimtab.program;

import io.trimtab.variable.VariableSource;
import java.util.Set;
import java.util.function.BiFunction;

/** Finds the predictors that {@code temperature} or {@code outline.temperature} means. */
final class PredictorPath {

  private PredictorPath() {}

  static Program change(Program program, String path, BiFunction<Predict, String, Predict> change) {
    int dot = path.lastIndexOf('.'); // names of predictors may hold dots, parameters do not
    if (dot < 0) {
      requireKnown(program, path);
      return program.withPredictors(
          predictor ->
              predictor.parameters().contains(path) ? change.apply(predictor, path) : predictor);
    }
    String wanted = path.substring(0, dot);
    String parameter = path.substring(dot + 1);
    if (program.predictors().stream().noneMatch(predictor -> predictor.name().equals(wanted))) {
      throw new IllegalArgumentException(
          "no predictor \"%s\" for %s, only %s"
              .formatted(wanted, path, program.predictors().stream().map(Predict::name).toList()));
    }
    return program.withPredictors(
        predictor ->
            predictor.name().equals(wanted) ? change.apply(predictor, parameter) : predictor);
  }

  static Run start(Program program, VariableSource source, CallOptions options) {
    options.parameters().keySet().forEach(name -> requireKnown(program, name));
    return Run.start(source, options);
  }

  private static void requireKnown(Program program, String parameter) {
    Set<String> known = program.parameters();
    if (!known.contains(parameter)) {
      throw Parameter.unknown(parameter, known, program.toString());
    }
  }
}
