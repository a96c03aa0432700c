package io.trimtab.examples.triage;

import io.trimtab.evaluate.Dataset;
import io.trimtab.program.Demonstration;
import io.trimtab.program.Example;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The support tickets of {@code examples/data/tickets.jsonl} in three parts that share no ticket.
 *
 * @param demonstrations training tickets that may be shown to a model; each team in turn
 * @param train training tickets that configurations are scored on
 * @param test tickets nobody looks at before the end
 */
public record Tickets(List<Demonstration> demonstrations, Dataset train, Dataset test) {

  /** The teams a ticket may go to. */
  public static final List<String> TEAMS =
      List.of(
          "billing",
          "outage",
          "bug",
          "how_to",
          "account_access",
          "feature_request",
          "cancellation",
          "security");

  private static final int SHOWN_PER_TEAM = 6;

  /** Copies the list. */
  public Tickets {
    demonstrations = List.copyOf(demonstrations);
  }

  /**
   * Reads the tickets; to be run in the project's folder.
   *
   * @return the tickets
   */
  public static Tickets load() {
    Path path = Path.of("examples", "data", "tickets.jsonl");
    if (!Files.exists(path)) {
      throw new IllegalStateException(
          path
              + " is not here; run the example in the project's folder, not in "
              + Path.of("").toAbsolutePath());
    }
    return of(Dataset.jsonl(path, "text"));
  }

  private static Tickets of(Dataset all) {
    List<Example> train = new ArrayList<>(labelled(all.examples(), "split", "train"));
    List<Example> shown = shown(train);
    train.removeAll(shown); // what a model has seen solved says nothing about how good it is
    return new Tickets(
        shown.stream().map(Demonstration::of).toList(),
        Dataset.of(train),
        Dataset.of(labelled(all.examples(), "split", "test")));
  }

  private static List<Example> shown(List<Example> train) {
    List<Example> shown = new ArrayList<>();
    for (int round = 0; round < SHOWN_PER_TEAM; round++) {
      for (String team : TEAMS) {
        shown.add(labelled(train, "label", team).get(round));
      }
    }
    return shown;
  }

  private static List<Example> labelled(List<Example> examples, String field, String value) {
    return examples.stream()
        .filter(example -> example.labels().getString(field).equals(value))
        .toList();
  }
}
