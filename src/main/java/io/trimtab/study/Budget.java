package io.trimtab.study;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/**
 * When a run ends. What is not limited stays unlimited, but at least one limit must be set.
 *
 * <pre>{@code
 * Budget budget = Budget.trials(40).within(Duration.ofMinutes(10)).tokens(2_000_000).patience(15);
 * }</pre>
 *
 * @param trials most trials asked for by the run
 * @param time how long new trials are begun
 * @param tokens tokens after which no new trial is begun
 * @param money money after which no new trial is begun
 * @param patience finished trials without a better score after which no new trial is begun
 * @param failures failed trials that are tolerated
 * @param target a score after which no new trial is begun, or empty
 */
public record Budget(
    int trials,
    Optional<Duration> time,
    long tokens,
    double money,
    int patience,
    int failures,
    OptionalDouble target) {

  /**
   * Rejects limits below one.
   *
   * @param trials most trials asked for by the run
   * @param time how long new trials are begun
   * @param tokens tokens after which no new trial is begun
   * @param money money after which no new trial is begun
   * @param patience finished trials without a better score after which no new trial is begun
   * @param failures failed trials that are tolerated
   * @param target a score after which no new trial is begun, or empty
   */
  public Budget {
    if (trials < 1 || tokens < 1 || !(money > 0) || patience < 1 || failures < 0) {
      throw new IllegalArgumentException(
          "limits must be positive, got trials=%d, tokens=%d, money=%s, patience=%d, failures=%d"
              .formatted(trials, tokens, money, patience, failures));
    }
    if (time.isPresent() && (time.get().isNegative() || time.get().isZero())) {
      throw new IllegalArgumentException("time must be positive, got " + time.get());
    }
  }

  private static Budget unlimited() {
    return new Budget(
        Integer.MAX_VALUE,
        Optional.empty(),
        Long.MAX_VALUE,
        Double.POSITIVE_INFINITY,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        OptionalDouble.empty());
  }

  /**
   * Limits the number of trials.
   *
   * @param trials at least 1
   * @return the budget
   */
  public static Budget trials(int trials) {
    Budget none = unlimited();
    return new Budget(
        trials, none.time, none.tokens, none.money, none.patience, none.failures, none.target);
  }

  /**
   * Limits the time during which new trials are begun.
   *
   * @param time positive
   * @return the budget
   */
  public static Budget time(Duration time) {
    return unlimited().within(time);
  }

  /**
   * Also limits the time during which new trials are begun.
   *
   * @param time positive
   * @return a new budget
   */
  public Budget within(Duration time) {
    return new Budget(trials, Optional.of(time), tokens, money, patience, failures, target);
  }

  /**
   * Also limits the tokens.
   *
   * @param tokens at least 1
   * @return a new budget
   */
  public Budget tokens(long tokens) {
    return new Budget(trials, time, tokens, money, patience, failures, target);
  }

  /**
   * Also limits the money.
   *
   * @param money positive, in the currency of the price table that is used
   * @return a new budget
   */
  public Budget money(double money) {
    return new Budget(trials, time, tokens, money, patience, failures, target);
  }

  /**
   * Also ends the run when the best score has not improved for a while.
   *
   * @param trials finished trials without a better score, at least 1
   * @return a new budget
   */
  public Budget patience(int trials) {
    return new Budget(this.trials, time, tokens, money, trials, failures, target);
  }

  /**
   * Also ends the run when more trials have failed.
   *
   * @param failures failed trials that are tolerated, at least 0
   * @return a new budget
   */
  public Budget failures(int failures) {
    return new Budget(trials, time, tokens, money, patience, failures, target);
  }

  /**
   * Also ends the run when a score is reached.
   *
   * @param score good enough
   * @return a new budget
   */
  public Budget target(double score) {
    return new Budget(trials, time, tokens, money, patience, failures, OptionalDouble.of(score));
  }

  @Override
  public String toString() {
    StringJoiner limits = new StringJoiner(", ");
    if (trials < Integer.MAX_VALUE) {
      limits.add(trials + " trials");
    }
    time.ifPresent(limit -> limits.add(limit.toString()));
    if (tokens < Long.MAX_VALUE) {
      limits.add(tokens + " tokens");
    }
    if (money < Double.POSITIVE_INFINITY) {
      limits.add("money " + money);
    }
    if (patience < Integer.MAX_VALUE) {
      limits.add("patience " + patience);
    }
    if (failures < Integer.MAX_VALUE) {
      limits.add(failures + " failures");
    }
    target.ifPresent(score -> limits.add("target " + score));
    return limits.toString();
  }
}
