package io.trimtab.lm;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what a prompt says about each of the values it allows. */
final class EmbeddedGlossary {
  /*
   * A value is explained where it stands before a colon, an equals sign, a dash or the word "means", as in
   * "billing: invoices, refunds". The explanation goes on to the next explained value or to the end of the line. The
   * words of the value's own name always belong to it: "account_access" is about accounts and access.
   */

  private final List<String> values;
  private final Pattern explained;

  EmbeddedGlossary(List<String> values) {
    this.values = values;
    String names =
        values.stream()
            .filter(value -> !value.isBlank())
            .map(Pattern::quote)
            .reduce((a, b) -> a + "|" + b)
            .orElse("(?!)");
    explained =
        Pattern.compile(
            "(?<![\\p{L}\\p{N}_])("
                + names
                + ")[`'\"*]*\\s*(?::|=|\\s[-\u2013\u2014]\\s|\\smeans\\s)",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  /** Returns the words for each value, in the order of the values. */
  List<String> explanations(String text) {
    List<StringBuilder> found =
        values.stream().map(value -> new StringBuilder(value.replace('_', ' '))).toList();
    for (String line : text.split("\n", -1)) {
      Matcher head = explained.matcher(line);
      int value = -1;
      int from = 0;
      while (head.find()) {
        add(found, value, line.substring(from, head.start()));
        value = indexOf(head.group(1));
        from = head.end();
      }
      add(found, value, line.substring(from));
    }
    return found.stream().map(StringBuilder::toString).toList();
  }

  private static void add(List<StringBuilder> found, int value, String words) {
    if (value >= 0) {
      found.get(value).append(' ').append(words);
    }
  }

  private int indexOf(String name) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }
}
