package io.trimtab.evaluate;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares texts the way question answering is scored since SQuAD. */
final class TextMatch {

  private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
  private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b");
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private TextMatch() {}

  /** Makes a metric of a comparison between the answer's text and one label's text. */
  static Metric metric(
      String kind, String field, String label, ToDoubleBiFunction<String, String> compare) {
    String name =
        field.equals(label) ? kind + "(" + field + ")" : kind + "(" + field + ", " + label + ")";
    return Metric.of(
        name,
        (example, prediction) -> best(prediction.get(field), example.values().get(label), compare));
  }

  private static double best(
      @Nullable Object answer, @Nullable Object label, ToDoubleBiFunction<String, String> compare) {
    return accepted(label).mapToDouble(option -> compared(answer, option, compare)).max().orElse(0);
  }

  private static double compared(
      @Nullable Object answer, @Nullable Object label, ToDoubleBiFunction<String, String> compare) {
    if (answer instanceof Number || label instanceof Number) {
      Double given = number(answer);
      return given != null && given.equals(number(label)) ? 1 : 0;
    }
    return compare.applyAsDouble(String.valueOf(answer), String.valueOf(label));
  }

  private static Stream<?> accepted(@Nullable Object label) {
    return label instanceof List<?> options ? options.stream() : Stream.ofNullable(label);
  }

  private static @Nullable Double number(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    try {
      return value instanceof String text ? Double.valueOf(text.strip()) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  static double equal(String answer, String label) {
    // Texts that are nothing but punctuation, such as "+", would all be equal once normalised.
    String normal = normalized(answer);
    String expected = normalized(label);
    return expected.isEmpty()
        ? (answer.strip().equals(label.strip()) ? 1 : 0)
        : (normal.equals(expected) ? 1 : 0);
  }

  static double contains(String answer, String label) {
    String expected = normalized(label);
    return expected.isEmpty()
        ? (answer.contains(label.strip()) ? 1 : 0)
        : (normalized(answer).contains(expected) ? 1 : 0);
  }

  static double f1(String answer, String label) {
    List<String> given = words(answer);
    List<String> expected = words(label);
    if (given.isEmpty() || expected.isEmpty()) {
      return equal(answer, label);
    }
    List<String> unmatched = new ArrayList<>(expected);
    long shared = given.stream().filter(unmatched::remove).count();
    if (shared == 0) {
      return 0;
    }
    double precision = (double) shared / given.size();
    double recall = (double) shared / expected.size();
    return 2 * precision * recall / (precision + recall);
  }

  private static List<String> words(String text) {
    String normal = normalized(text);
    return normal.isEmpty() ? List.of() : List.of(normal.split(" "));
  }

  static String normalized(String text) {
    String plain = Normalizer.normalize(text, Normalizer.Form.NFD).toLowerCase(Locale.ROOT);
    String bare = PUNCTUATION.matcher(plain).replaceAll("");
    String lean = ARTICLES.matcher(bare).replaceAll(" ");
    return Stream.of(SPACE.split(lean))
        .filter(word -> !word.isEmpty())
        .collect(Collectors.joining(" "));
  }
}
