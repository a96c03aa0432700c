package io.trimtab.examples.triage;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.program.Demonstration;
import io.trimtab.program.Example;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The support tickets of {@code examples/data/tickets.jsonl} in three parts that share no ticket.
 *
 * @param demonstrations training tickets that may be shown to a model; a few of each team in turn
 * @param train training tickets that configurations are scored on
 * @param test tickets nobody looks at before the end
 */
public record Tickets(List<Demonstration> demonstrations, List<Example> train, List<Example> test) {

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

  /** Copies the lists. */
  public Tickets {
    demonstrations = List.copyOf(demonstrations);
    train = List.copyOf(train);
    test = List.copyOf(test);
  }

  /**
   * Reads the tickets from the folder of the project or one above it.
   *
   * @return the tickets
   */
  public static Tickets load() {
    Path path = Path.of("examples", "data", "tickets.jsonl");
    return load(Files.exists(path) ? path : Path.of("..").resolve(path));
  }

  /**
   * Reads the tickets from a file.
   *
   * @param path a file of JSON lines with {@code text}, {@code label} and {@code split}
   * @return the tickets
   */
  public static Tickets load(Path path) {
    Map<String, List<Example>> splits = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(path)) {
        JsonObject row = Json.parseObject(line, JsonLimits.DEFAULT);
        splits
            .computeIfAbsent(row.string("split"), split -> new ArrayList<>())
            .add(
                Example.of(
                    Map.of("ticket", row.string("text")), Map.of("team", row.string("label"))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path.toAbsolutePath() + " cannot be read", e);
    }
    List<Example> train = new ArrayList<>(splits.getOrDefault("train", List.of()));
    List<Example> shown = shown(train);
    train.removeAll(shown); // what a model has seen solved says nothing about how good it is
    return new Tickets(
        shown.stream().map(Demonstration::of).toList(),
        train,
        splits.getOrDefault("test", List.of()));
  }

  private static List<Example> shown(List<Example> train) {
    List<Example> shown = new ArrayList<>();
    for (int round = 0; round < SHOWN_PER_TEAM; round++) {
      for (String team : TEAMS) {
        train.stream()
            .filter(ticket -> ticket.labels().getString("team").equals(team))
            .skip(round)
            .findFirst()
            .ifPresent(shown::add);
      }
    }
    return shown;
  }
}
