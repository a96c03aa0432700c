package io.trimtab.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Weighs the demonstrations and the words of one prompt, and decides each field by them. */
final class EmbeddedJudgement {
  /*
   * A value's score is the similarity of the question to the words that explain the value, taken twice, plus the
   * votes of the nearest demonstrations: each adds its similarity, divided by the square root of the number of voters for
   * the same value, so that a value shown often does not win by number alone. Asked for a decision outright the three
   * nearest demonstrations vote; asked to reason first, all of them do. A number is that of the
   * nearest demonstration, or the mean of three. At temperature t a value is drawn with probability proportional to exp(score / (SOFTNESS * t)), by the Gumbel-max trick; at 0 the best is taken, the first
   * in the prompt's order among equals. SOFTNESS was set so that temperature 1 clearly hurts and 0.3 hardly does.
   */

  private static final int VOTERS_WITHOUT_REASONING = 3;
  private static final double EXPLANATION_WEIGHT = 2;
  private static final double SOFTNESS = 0.05;

  /**
   * A decided value.
   *
   * @param value what to answer
   * @param share its part of the probability at temperature 1, in [0, 1]
   * @param why the true reason, one sentence
   */
  record Decision(String value, double share, String why) {}

  private record Neighbour(EmbeddedPrompt.Demonstration demonstration, double similarity) {}

  private final EmbeddedPrompt prompt;
  private final EmbeddedTerms terms;
  private final double temperature;

  EmbeddedJudgement(EmbeddedPrompt prompt, EmbeddedTerms terms, double temperature) {
    this.prompt = prompt;
    this.terms = terms;
    this.temperature = temperature;
  }

  /** Decides a field that must take one of some values. */
  Decision choose(
      EmbeddedPrompt.Field field,
      List<String> values,
      boolean afterReasoning,
      RandomGenerator random) {
    List<EmbeddedPrompt.Demonstration> shown = showing(field);
    List<String> texts = new ArrayList<>();
    texts.add(prompt.question());
    shown.forEach(demonstration -> texts.add(demonstration.question()));
    texts.addAll(
        new EmbeddedGlossary(values)
            .explanations(prompt.instructions() + "\n" + field.description()));
    double[] similarities = similaritiesToFirst(texts);

    List<Neighbour> voters = nearest(shown, similarities);
    if (!afterReasoning) {
      voters = voters.subList(0, Math.min(VOTERS_WITHOUT_REASONING, voters.size()));
    }
    double[] scores = votes(field, values, voters);
    for (int i = 0; i < scores.length; i++) {
      scores[i] += EXPLANATION_WEIGHT * similarities[shown.size() + i];
    }
    int best = best(scores);
    int chosen = temperature == 0 ? best : best(withNoise(scores, random));
    String why = why(field, values, voters, scores, best, chosen);
    return new Decision(values.get(chosen), share(scores, chosen), why);
  }

  /** Repeats what the demonstration most like the question answers; one must show the field. */
  Decision nearest(EmbeddedPrompt.Field field) {
    Neighbour first = neighbours(field).get(0);
    String why =
        String.format(
            Locale.ROOT,
            "The nearest of %d demonstrations (similarity %.2f) is answered like this.",
            demonstrationsOf(field),
            first.similarity());
    return new Decision(answer(first, field), first.similarity(), why);
  }

  /** Takes the number of the nearest demonstration, or the mean of three after reasoning. */
  Decision number(EmbeddedPrompt.Field field, boolean afterReasoning) {
    Decision nearest = nearest(field);
    try {
      double mean =
          neighbours(field).stream()
              .limit(afterReasoning ? VOTERS_WITHOUT_REASONING : 1)
              .mapToDouble(neighbour -> Double.parseDouble(answer(neighbour, field)))
              .average()
              .orElseThrow();
      String value =
          field.type().equals("int") ? String.valueOf(Math.round(mean)) : String.valueOf(mean);
      return new Decision(value, nearest.share(), nearest.why());
    } catch (NumberFormatException e) {
      return nearest; // what the demonstrations show is not a number either
    }
  }

  private List<Neighbour> neighbours(EmbeddedPrompt.Field field) {
    List<EmbeddedPrompt.Demonstration> shown = showing(field);
    List<String> texts = new ArrayList<>();
    texts.add(prompt.question());
    shown.forEach(demonstration -> texts.add(demonstration.question()));
    return nearest(shown, similaritiesToFirst(texts));
  }

  private static String answer(Neighbour neighbour, EmbeddedPrompt.Field field) {
    return neighbour.demonstration().answers().getOrDefault(field.name(), "");
  }

  /** Returns the answers that demonstrations show for a field, each once, in the prompt's order. */
  List<String> shownAnswers(EmbeddedPrompt.Field field) {
    return showing(field).stream()
        .map(demonstration -> demonstration.answers().getOrDefault(field.name(), ""))
        .distinct()
        .toList();
  }

  /** Returns how many demonstrations show a field. */
  int demonstrationsOf(EmbeddedPrompt.Field field) {
    return showing(field).size();
  }

  private List<EmbeddedPrompt.Demonstration> showing(EmbeddedPrompt.Field field) {
    return prompt.demonstrations().stream()
        .filter(demonstration -> demonstration.answers().containsKey(field.name()))
        .toList();
  }

  private double[] similaritiesToFirst(List<String> texts) {
    List<EmbeddedVector> vectors = terms.vectors(texts);
    return vectors.stream().skip(1).mapToDouble(vectors.get(0)::dot).toArray();
  }

  private static List<Neighbour> nearest(
      List<EmbeddedPrompt.Demonstration> shown, double[] similarities) {
    return IntStream.range(0, shown.size())
        .mapToObj(i -> new Neighbour(shown.get(i), similarities[i]))
        .sorted(Comparator.comparingDouble(Neighbour::similarity).reversed())
        .toList();
  }

  private static double[] votes(
      EmbeddedPrompt.Field field, List<String> values, List<Neighbour> voters) {
    double[] votes = new double[values.size()];
    int[] count = new int[values.size()];
    for (Neighbour voter : voters) {
      int value = indexOf(values, answer(voter, field));
      if (value >= 0) { // a demonstration may show a value that is not allowed any more
        votes[value] += voter.similarity();
        count[value]++;
      }
    }
    for (int i = 0; i < votes.length; i++) {
      votes[i] /= Math.sqrt(Math.max(1, count[i]));
    }
    return votes;
  }

  private static int indexOf(List<String> values, String answer) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).equalsIgnoreCase(answer)) { // JSON says true where the prompt says True
        return i;
      }
    }
    return -1;
  }

  private double[] withNoise(double[] scores, RandomGenerator random) {
    double[] noisy = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      double gumbel = -Math.log(-Math.log(Math.max(random.nextDouble(), Double.MIN_NORMAL)));
      noisy[i] = scores[i] + SOFTNESS * temperature * gumbel;
    }
    return noisy;
  }

  private static int best(double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double share(double[] scores, int chosen) {
    double sum =
        Arrays.stream(scores).map(score -> Math.exp((score - scores[chosen]) / SOFTNESS)).sum();
    return 1 / sum;
  }

  private String why(
      EmbeddedPrompt.Field field,
      List<String> values,
      List<Neighbour> voters,
      double[] scores,
      int best,
      int chosen) {
    String ground;
    if (scores[best] == 0) {
      ground = "Nothing in the prompt resembles this text, so the first value stands.";
    } else if (voters.isEmpty()) {
      ground =
          "There is no demonstration; the words about %s are closest to this text."
              .formatted(values.get(best));
    } else {
      Neighbour first = voters.get(0);
      ground =
          String.format(
              Locale.ROOT,
              "The nearest of %d demonstrations (similarity %.2f) says %s; with the votes of %d and the"
                  + " instructions %s is ahead.",
              demonstrationsOf(field),
              first.similarity(),
              answer(first, field),
              voters.size(),
              values.get(best));
    }
    return chosen == best
        ? ground
        : ground + " Sampling at temperature %s picked another.".formatted(temperature);
  }
}
