package io.trimtab.evaluate;

import io.trimtab.lm.Usage;
import io.trimtab.program.Example;
import io.trimtab.program.Prediction;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What came of running a program over a dataset.
 *
 * <p>Immutable; rows are in the dataset's order whatever the order of the answers.
 */
public final class Evaluation {

  /**
   * What came of one example.
   *
   * @param index its place in the dataset, from 0
   * @param example what went in
   * @param prediction what came out, or null if nothing did
   * @param score what it counts: the metric's value, or the failure score
   * @param feedback the metric's words, empty if it has none
   * @param error why it failed, or null if it did not
   */
  public record Row(
      int index,
      Example example,
      @Nullable Prediction prediction,
      double score,
      String feedback,
      @Nullable Throwable error) {

    /**
     * Tells whether the example failed.
     *
     * @return whether there is an error
     */
    public boolean failed() {
      return error != null;
    }
  }

  private final String metric;
  private final List<Row> rows;
  private final Usage usage;
  private final OptionalDouble cost;
  private final Duration elapsed;

  Evaluation(String metric, List<Row> rows, Usage usage, OptionalDouble cost, Duration elapsed) {
    this.metric = metric;
    this.rows = List.copyOf(rows);
    this.usage = usage;
    this.cost = cost;
    this.elapsed = elapsed;
  }

  /**
   * Returns the mean score over all rows, failed ones with the failure score.
   *
   * @return the mean; NaN if a stopped evaluation has no row
   */
  public double score() {
    return rows.stream().mapToDouble(Row::score).average().orElse(Double.NaN);
  }

  /**
   * Returns how uncertain the {@link #score} is for being taken over these examples only.
   *
   * @return the standard error of the mean; NaN with fewer than two rows
   */
  public double standardError() {
    double mean = score();
    double squares = rows.stream().mapToDouble(row -> Math.pow(row.score() - mean, 2)).sum();
    int n = rows.size();
    return n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n);
  }

  /**
   * Returns the metric's name.
   *
   * @return such as {@code exact_match(label)}
   */
  public String metric() {
    return metric;
  }

  /**
   * Returns what came of each example.
   *
   * @return the rows in the dataset's order; of a stopped evaluation those that ended
   */
  public List<Row> rows() {
    return rows;
  }

  /**
   * Returns how many examples failed.
   *
   * @return the number of rows with an error
   */
  public int failures() {
    return (int) rows.stream().filter(Row::failed).count();
  }

  /**
   * Returns the tokens taken, by failed examples and by the metric as well.
   *
   * @return the sum over every model call known
   */
  public Usage usage() {
    return usage;
  }

  /**
   * Returns what the model calls cost.
   *
   * @return the sum of the prices; empty if no price was set or one is unknown
   */
  public OptionalDouble cost() {
    return cost;
  }

  /**
   * Returns how long it took.
   *
   * @return from the first start to the last end
   */
  public Duration elapsed() {
    return elapsed;
  }

  /**
   * Returns the rows as a text table, cells cut to 40 characters.
   *
   * @param maxRows how many rows at most, 0 or more
   * @return lines of one width, a summary below
   */
  public String table(int maxRows) {
    return ResultTable.of(this).text(maxRows) + summary() + System.lineSeparator();
  }

  /**
   * Returns the rows as comma-separated values (RFC 4180) with a header.
   *
   * @return the whole table
   */
  public String csv() {
    return ResultTable.of(this).csv();
  }

  /**
   * Returns the rows and the totals as JSON.
   *
   * @return one object
   */
  public String json() {
    return ResultTable.of(this).json(this);
  }

  /**
   * Returns score, failures, tokens, cost and time in a line.
   *
   * @return a line without its end
   */
  public String summary() {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%s %.4f over %d examples, %d failed, %.2f s",
            metric,
            score(),
            rows.size(),
            failures(),
            elapsed.toNanos() / 1e9));
    if (usage.total() != null) {
      line.append(", ").append(usage.total()).append(" tokens");
    }
    cost.ifPresent(sum -> line.append(String.format(Locale.ROOT, ", cost %.4f", sum)));
    return line.toString();
  }

  @Override
  public String toString() {
    return summary();
  }
}
