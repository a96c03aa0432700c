package io.trimtab.study;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A study's events as lines of JSON, {@code trimtab.study/1}. */
final class JournalCodec {
  /*
   * The first line is the header (JournalHeader). Every other line is an array of events that happened together, so that a
   * crash keeps all of them or none:
   *
   * [{"event": "begun", "trial": 3, "at": "2026-…", "owner": "…", "configuration": {…}, "attributes": {…}}]
   * [{"event": "ended", "trial": 3, "at": …, "state": "FAILED", "scores": [], "tokens": 0, "money": 0.0, "failure": "…"},
   *  {"event": "enqueued", "trial": 4, "at": …, "configuration": {…}, "retry_of": 3}]
   *
   * JSON has no NaN and no infinities; they are written as texts.
   */

  private static final JsonLimits LIMITS = new JsonLimits(64L << 20, 64, 16 << 20, 8L << 20);

  private final String place;
  private final ConfigurationSpace space;

  JournalCodec(String place, ConfigurationSpace space) {
    this.place = place;
    this.space = space;
  }

  JournalHeader readHeader(String line) {
    return JournalHeader.read(place, line);
  }

  String write(List<StudyEvent> events) {
    return Json.write(events.stream().map(JournalCodec::tree).toList());
  }

  private static Map<String, Object> tree(StudyEvent event) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (event instanceof StudyEvent.Begun begun) {
      head(tree, "begun", begun.number());
      start(tree, begun.start());
      tree.put("configuration", begun.configuration().toTree());
      attributes(tree, begun.attributes());
    } else if (event instanceof StudyEvent.Enqueued enqueued) {
      head(tree, "enqueued", enqueued.number());
      start(tree, enqueued.start());
      tree.put("configuration", enqueued.configuration().toTree());
      if (enqueued.retryOf() >= 0) {
        tree.put("retry_of", enqueued.retryOf());
      }
      attributes(tree, enqueued.attributes());
    } else if (event instanceof StudyEvent.Resumed resumed) {
      head(tree, "resumed", resumed.number());
      start(tree, resumed.start());
    } else if (event instanceof StudyEvent.Reported reported) {
      head(tree, "reported", reported.number());
      tree.put("step", reported.value().step());
      tree.put("value", number(reported.value().value()));
    } else if (event instanceof StudyEvent.Ended ended) {
      head(tree, "ended", ended.number());
      end(tree, ended.end());
      attributes(tree, ended.attributes());
    } else if (event instanceof StudyEvent.TrialNoted noted) {
      head(tree, "trial_noted", noted.number());
      tree.put("key", noted.key());
      tree.put("value", noted.value());
    } else if (event instanceof StudyEvent.StudyNoted noted) {
      tree.put("event", "study_noted");
      tree.put("key", noted.key());
      tree.put("value", noted.value());
    } else if (event instanceof StudyEvent.Beat beat) {
      tree.put("event", "beat");
      tree.put("trials", beat.numbers());
    }
    return tree;
  }

  private static void head(Map<String, Object> tree, String event, int trial) {
    tree.put("event", event);
    tree.put("trial", trial);
  }

  private static void start(Map<String, Object> tree, Trial.Start start) {
    tree.put("at", start.at().toString());
    if (start.owner() != null) {
      tree.put("owner", start.owner());
    }
  }

  private static void end(Map<String, Object> tree, Trial.End end) {
    tree.put("at", end.at().toString());
    tree.put("state", end.state().name());
    tree.put("scores", end.scores());
    tree.put("tokens", end.cost().tokens());
    tree.put("money", number(end.cost().money()));
    if (end.failure() != null) {
      tree.put("failure", end.failure());
    }
    if (end.late()) {
      tree.put("late", true);
    }
  }

  private static void attributes(Map<String, Object> tree, Map<String, String> attributes) {
    if (!attributes.isEmpty()) {
      tree.put("attributes", attributes);
    }
  }

  static Object number(double number) {
    return Double.isFinite(number) ? (Object) number : Double.toString(number);
  }

  List<StudyEvent> read(String line) {
    try {
      List<StudyEvent> events = new ArrayList<>();
      Map<String, Object> wrapped = new LinkedHashMap<>();
      wrapped.put("events", Json.parse(line, LIMITS));
      for (JsonObject tree : JsonObject.of(wrapped, "$").objects("events")) {
        events.add(event(tree));
      }
      return events;
    } catch (JsonException
        | InvalidConfigurationException
        | DateTimeException
        | ArithmeticException
        | IllegalArgumentException e) {
      throw refusal(line, String.valueOf(e.getMessage()), e);
    }
  }

  StudyStorageException refusal(String line, String reason, @Nullable Throwable cause) {
    return new StudyStorageException(
        place, "expected an entry of a study's log, got " + excerpt(line) + ": " + reason, cause);
  }

  static String excerpt(String line) {
    return '"' + (line.length() <= 80 ? line : line.substring(0, 77) + "...") + '"';
  }

  private StudyEvent event(JsonObject tree) {
    String kind = tree.string("event");
    return switch (kind) {
      case "begun" ->
          new StudyEvent.Begun(
              trial(tree),
              space.configurationOf(tree.object("configuration").asMap()),
              start(tree),
              attributes(tree));
      case "enqueued" ->
          new StudyEvent.Enqueued(
              trial(tree),
              space.configurationOf(tree.object("configuration").asMap()),
              start(tree),
              Math.toIntExact(tree.integer("retry_of", -1)),
              attributes(tree));
      case "resumed" -> new StudyEvent.Resumed(trial(tree), start(tree));
      case "reported" ->
          new StudyEvent.Reported(
              trial(tree),
              new IntermediateValue(
                  Math.toIntExact(tree.integer("step")), number(tree.find("value"))));
      case "ended" -> new StudyEvent.Ended(trial(tree), end(tree), attributes(tree));
      case "trial_noted" ->
          new StudyEvent.TrialNoted(trial(tree), tree.string("key"), tree.string("value"));
      case "study_noted" -> new StudyEvent.StudyNoted(tree.string("key"), tree.string("value"));
      case "beat" -> new StudyEvent.Beat(numbers(tree));
      default -> throw new JsonException(tree.path() + ": no event is called \"" + kind + '"');
    };
  }

  private static int trial(JsonObject tree) {
    return Math.toIntExact(tree.integer("trial"));
  }

  private static Trial.Start start(JsonObject tree) {
    return new Trial.Start(Instant.parse(tree.string("at")), tree.stringOrNull("owner"));
  }

  private static Trial.End end(JsonObject tree) {
    List<Double> scores = tree.list("scores").stream().map(JournalCodec::number).toList();
    return new Trial.End(
        TrialState.valueOf(tree.string("state")),
        scores,
        Instant.parse(tree.string("at")),
        new Cost(tree.integer("tokens"), number(tree.find("money"))),
        tree.stringOrNull("failure"),
        tree.bool("late", false));
  }

  private static Map<String, String> attributes(JsonObject tree) {
    return tree.has("attributes") ? tree.stringMap("attributes") : Map.of();
  }

  private static List<Integer> numbers(JsonObject tree) {
    List<Integer> numbers = new ArrayList<>();
    for (Object number : tree.list("trials")) {
      numbers.add((int) number(number));
    }
    return numbers;
  }

  private static double number(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof String text) {
      return Double.parseDouble(text);
    }
    throw new JsonException("expected a number, got " + value);
  }
}
