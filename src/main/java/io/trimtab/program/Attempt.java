package io.trimtab.program;

import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of the model on behalf of a predictor: every paid call is visible.
 *
 * @param kind why the model was called
 * @param adapter the name of the adapter that wrote the prompt and read the answer
 * @param request what was asked
 * @param response what came
 * @param problem why the answer could not be read, or null if it could
 */
public record Attempt(
    Kind kind, String adapter, LmRequest request, LmResponse response, @Nullable String problem) {

  /** Why a model is called. */
  public enum Kind {
    /** The question itself. */
    FIRST,
    /** The model is shown what was wrong with its answer. */
    REPAIR,
    /** The question in the format of another adapter. */
    FALLBACK
  }

  /**
   * Adds up what calls took.
   *
   * @param attempts the calls
   * @return the sum of their usages; unknown if there are none
   */
  public static Usage usage(List<Attempt> attempts) {
    Usage sum = Usage.UNKNOWN;
    for (Attempt attempt : attempts) {
      sum = sum.plus(attempt.response.usage());
    }
    return sum;
  }

  @Override
  public String toString() {
    return "%s by %s%s".formatted(kind, adapter, problem == null ? "" : ", unreadable");
  }
}
