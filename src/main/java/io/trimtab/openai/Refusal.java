package io.trimtab.openai;

import java.net.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response whose status is not one of success.
 *
 * @param status the status
 * @param headers the headers
 * @param said what the body says
 */
record Refusal(int status, HttpHeaders headers, ErrorBody said) {

  /**
   * Options a model may do without: they shape how it samples or what it counts, not what it is
   * asked.
   */
  private static final List<String> DISPENSABLE =
      List.of(
          "temperature",
          "top_p",
          "presence_penalty",
          "frequency_penalty",
          "seed",
          "max_tokens",
          "max_completion_tokens",
          "stream_options");

  Refusal(int status, HttpHeaders headers, Bytes body) {
    this(status, headers, ErrorBody.read(body.array(), body.length()));
  }

  /**
   * Returns the dispensable option the server does not know or support at all, or null. One whose
   * value is merely out of range is not meant: that is for the caller to correct.
   */
  @Nullable String unsupportedOption() {
    if (status != 400 && status != 422) {
      return null;
    }
    boolean unsupported =
        said.isCode("unsupported_parameter", "unsupported_value", "unknown_parameter")
            || said.says(
                "unsupported",
                "not supported",
                "not support",
                "unrecognized",
                "unknown",
                "not permitted",
                "unexpected keyword");
    if (!unsupported) {
      return null;
    }
    String param = said.param();
    return param != null && DISPENSABLE.contains(param) ? param : firstNamed();
  }

  private @Nullable String firstNamed() {
    String first = null;
    int at = Integer.MAX_VALUE;
    for (String option : DISPENSABLE) {
      int found = said.message().indexOf(option);
      if (found >= 0 && found < at) {
        first = option;
        at = found;
      }
    }
    return first;
  }
}
