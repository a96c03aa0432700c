package io.trimtab.evaluate;

import io.trimtab.program.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Labelled examples in a fixed order, from code, JSON lines or CSV.
 *
 * <pre>{@code
 * Dataset tickets = Dataset.jsonl(Path.of("tickets.jsonl"), "text");   // everything else is a label
 * Dataset.Split split = tickets.shuffled(7).split(0.7);
 * }</pre>
 *
 * <p>Immutable. Files are strict UTF-8 of at most {@value #MAX_BYTES} bytes and {@value #MAX_ROWS}
 * rows.
 */
public final class Dataset implements Iterable<Example> {

  /** Most bytes of a file. */
  public static final int MAX_BYTES = 256 << 20;

  /** Most rows of a file. */
  public static final int MAX_ROWS = 1_000_000;

  private final List<Example> examples;

  private Dataset(List<Example> examples) {
    this.examples = List.copyOf(examples);
  }

  /**
   * A dataset in two parts.
   *
   * @param train the first part, to learn from
   * @param test the rest, to judge by
   */
  public record Split(Dataset train, Dataset test) {}

  /**
   * Creates a dataset in code.
   *
   * @param examples the examples in order
   * @return the dataset
   */
  public static Dataset of(List<Example> examples) {
    return new Dataset(examples);
  }

  /**
   * Creates a dataset in code.
   *
   * @param examples the examples in order
   * @return the dataset
   */
  public static Dataset of(Example... examples) {
    return new Dataset(Arrays.asList(examples));
  }

  /**
   * Reads a file with one JSON object per line; blank lines are skipped.
   *
   * @param file strict UTF-8
   * @param inputs the keys that go into a program, present in every line; the others are labels
   * @return the dataset
   * @throws DatasetException if the file cannot be read or is malformed, with the line
   */
  public static Dataset jsonl(Path file, String... inputs) {
    return new Dataset(JsonLines.read(DatasetFile.of(file), names(inputs)));
  }

  /**
   * Reads JSON lines from a text.
   *
   * @param text one JSON object per line; blank lines are skipped
   * @param inputs the keys that go into a program, present in every line; the others are labels
   * @return the dataset
   * @throws DatasetException if the text is malformed, with the line
   */
  public static Dataset jsonlText(String text, String... inputs) {
    return new Dataset(JsonLines.read(DatasetFile.ofText(text), names(inputs)));
  }

  /**
   * Reads a file of comma-separated values as RFC 4180 has it, with a header line. Every value is
   * text.
   *
   * @param file strict UTF-8, with or without a byte order mark
   * @param inputs the columns that go into a program; the others are labels
   * @return the dataset
   * @throws DatasetException if the file cannot be read or is malformed, with the line
   */
  public static Dataset csv(Path file, String... inputs) {
    return new Dataset(CsvFile.read(DatasetFile.of(file), names(inputs)));
  }

  /**
   * Reads comma-separated values from a text, with a header line.
   *
   * @param text as RFC 4180 has it
   * @param inputs the columns that go into a program; the others are labels
   * @return the dataset
   * @throws DatasetException if the text is malformed, with the line
   */
  public static Dataset csvText(String text, String... inputs) {
    return new Dataset(CsvFile.read(DatasetFile.ofText(text), names(inputs)));
  }

  private static Set<String> names(String... inputs) {
    if (inputs.length == 0) {
      throw new IllegalArgumentException("name at least one input; the other columns are labels");
    }
    return new LinkedHashSet<>(Arrays.asList(inputs));
  }

  /**
   * Returns the examples.
   *
   * @return an unmodifiable list in order
   */
  public List<Example> examples() {
    return examples;
  }

  /**
   * Returns how many examples there are.
   *
   * @return 0 or more
   */
  public int size() {
    return examples.size();
  }

  /**
   * Tells whether there is no example.
   *
   * @return whether {@link #size()} is 0
   */
  public boolean isEmpty() {
    return examples.isEmpty();
  }

  /**
   * Returns the same examples in a random order.
   *
   * @param seed the same seed gives the same order on every machine
   * @return a new dataset
   */
  public Dataset shuffled(long seed) {
    List<Example> order = new ArrayList<>(examples);
    Collections.shuffle(order, new Random(seed));
    return new Dataset(order);
  }

  /**
   * Returns the first examples.
   *
   * @param count how many at most, 0 or more
   * @return a new dataset
   */
  public Dataset take(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count must be at least 0, got " + count);
    }
    return new Dataset(examples.subList(0, Math.min(count, examples.size())));
  }

  /**
   * Returns a random part of the examples.
   *
   * @param count how many at most, 0 or more
   * @param seed the same seed gives the same part
   * @return a new dataset in the order drawn
   */
  public Dataset sample(int count, long seed) {
    return shuffled(seed).take(count);
  }

  /**
   * Cuts the dataset in two, in its present order.
   *
   * @param fraction the share of the first part, in {@code [0, 1]}
   * @return the parts; their sizes are rounded
   */
  public Split split(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction must be in [0, 1], got " + fraction);
    }
    int cut = (int) Math.round(fraction * examples.size());
    return new Split(
        new Dataset(examples.subList(0, cut)), new Dataset(examples.subList(cut, examples.size())));
  }

  @Override
  public Iterator<Example> iterator() {
    return examples.iterator();
  }

  @Override
  public String toString() {
    return "Dataset(" + examples.size() + " examples)";
  }
}
