package io.trimtab.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How a variant of the embedded model sees a text: as a bag of terms with weights. */
enum EmbeddedTerms {
  /** Whole words, each counted once; every word matters alike. */
  WORDS(/* rareTermsCountMore= */ false) {
    @Override
    void collect(List<String> words, TermBag bag) {
      words.stream().distinct().forEach(word -> bag.add(word, 1));
    }
  },

  /**
   * Words without their endings, pairs of neighbouring words, runs of four letters; rare ones weigh
   * more.
   */
  STEMS_PAIRS_AND_LETTERS(/* rareTermsCountMore= */ true) {
    @Override
    void collect(List<String> words, TermBag bag) {
      String before = null;
      for (String word : words) {
        String stem = stem(word);
        bag.add(stem, 1);
        if (before != null) {
          bag.add(before + ' ' + stem, PAIR_WEIGHT);
        }
        before = stem;
        if (word.length() >= LETTER_RUN) {
          String framed = '^' + word + '$';
          for (int i = 0; i + LETTER_RUN <= framed.length(); i++) {
            bag.add('~' + framed.substring(i, i + LETTER_RUN), LETTERS_WEIGHT);
          }
        }
      }
    }
  };

  /*
   * The vector space model [1]: a text is a vector over terms, two texts are as similar as the cosine between theirs.
   * A weight is ln(1 + count) * ln((N + 1) / (df + 0.5)), where N is the number of texts in the one prompt that is being
   * read and df the number of them that hold the term; WORDS leaves both logarithms out. Terms are kept as 32-bit hashes
   * in sorted arrays: comparing costs O(a + b), and at some 200 terms a text a collision is far too rare to matter.
   *
   * [1] Salton, Wong, Yang: A vector space model for automatic indexing, CACM 18(11), 1975.
   */

  private static final int LETTER_RUN = 4;
  private static final double PAIR_WEIGHT = 0.5;
  private static final double LETTERS_WEIGHT = 0.3;
  private static final List<String> ENDINGS = List.of("ing", "ed", "es", "s");

  private final boolean rareTermsCountMore;

  EmbeddedTerms(boolean rareTermsCountMore) {
    this.rareTermsCountMore = rareTermsCountMore;
  }

  abstract void collect(List<String> words, TermBag bag);

  /** Returns the vectors of texts that stand in one prompt, in their order, each of length one. */
  List<EmbeddedVector> vectors(List<String> texts) {
    List<EmbeddedVector> counts = new ArrayList<>();
    for (String text : texts) {
      TermBag bag = new TermBag();
      collect(words(text), bag);
      counts.add(bag.toVector());
    }
    Map<Integer, Integer> holders = new HashMap<>();
    if (rareTermsCountMore) {
      counts.forEach(vector -> vector.forEachTerm(term -> holders.merge(term, 1, Integer::sum)));
    }
    return counts.stream().map(vector -> weighted(vector, holders, counts.size())).toList();
  }

  private EmbeddedVector weighted(EmbeddedVector vector, Map<Integer, Integer> holders, int texts) {
    EmbeddedVector weighted =
        rareTermsCountMore
            ? vector.reweighted(
                (term, count) ->
                    Math.log1p(count)
                        * Math.log((texts + 1) / (holders.getOrDefault(term, 1) + 0.5)))
            : vector;
    return weighted.ofLengthOne();
  }

  /** Splits a text into its runs of letters and digits, in lower case. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    text.toLowerCase(Locale.ROOT)
        .codePoints()
        .forEach(
            c -> {
              if (Character.isLetterOrDigit(c)) {
                word.appendCodePoint(c);
              } else if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
              }
            });
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  private static String stem(String word) {
    for (String ending : ENDINGS) {
      if (word.endsWith(ending) && word.length() - ending.length() >= 4) {
        return word.substring(0, word.length() - ending.length());
      }
    }
    return word;
  }

  /** Terms as they are met in one text. */
  static final class TermBag {

    private final Map<Integer, Double> counts = new HashMap<>();

    void add(String term, double weight) {
      counts.merge(term.hashCode(), weight, Double::sum);
    }

    EmbeddedVector toVector() {
      int[] terms = counts.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
      double[] weights = Arrays.stream(terms).mapToDouble(counts::get).toArray();
      return new EmbeddedVector(terms, weights);
    }
  }
}
