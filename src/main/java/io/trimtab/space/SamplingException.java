package io.trimtab.space;

import io.trimtab.TrimtabException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Says that no valid configuration was found within the budget. The answer is to loosen the rules
 * named, to narrow domains, or to allow more attempts.
 */
public final class SamplingException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /**
   * How much a rule is to blame.
   *
   * @param rule the rule
   * @param share the share of proposals that break it, in {@code [0, 1]}
   * @param soleShare the share of proposals that break it and no other rule, in {@code [0, 1]}
   */
  public record Rejection(Rule rule, double share, double soleShare) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%s rejects %.1f %%, alone %.1f %%", rule, 100 * share, 100 * soleShare);
    }
  }

  /** The name of the space. */
  private final String space;

  /** How many proposals were rejected. */
  private final long attempts;

  private final transient List<Rejection> rejections;

  SamplingException(String space, long attempts, List<Rejection> rejections) {
    super(
        String.format(
            Locale.ROOT,
            "space \"%s\": expected a valid configuration within the budget, found none in %d attempts;"
                + " probably fewer than %.2g %% of all proposals are valid. %s",
            space,
            attempts,
            100 * acceptanceAtMost(attempts),
            rejections.stream().map(Rejection::toString).collect(Collectors.joining("; "))));
    this.space = space;
    this.attempts = attempts;
    this.rejections = List.copyOf(rejections);
  }

  // The rule of three: with no success in n trials, 3 / n bounds the probability with 95 %
  // confidence.
  private static double acceptanceAtMost(long attempts) {
    return attempts <= 3 ? 1 : 3.0 / attempts;
  }

  /**
   * Returns the name of the space.
   *
   * @return the name
   */
  public String space() {
    return space;
  }

  /**
   * Returns how many proposals were drawn and rejected.
   *
   * @return at least 1
   */
  public long attempts() {
    return attempts;
  }

  /**
   * Returns what share of proposals is valid at most, with 95 % confidence.
   *
   * @return a probability in {@code (0, 1]}
   */
  public double acceptanceAtMost() {
    return acceptanceAtMost(attempts);
  }

  /**
   * Returns the rules to blame, measured on a few thousand proposals.
   *
   * @return the rules that rejected any, greatest share first
   */
  public List<Rejection> rejections() {
    return rejections;
  }
}
