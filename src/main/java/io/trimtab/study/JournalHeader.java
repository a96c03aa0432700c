package io.trimtab.study;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The first line of a study's log: the terms under which its trials can be compared. */
record JournalHeader(String name, String spaceDigest, List<Goal> goals, long seed) {
  /*
   * The space itself stands in the header too, for people and other programs; only its digest is compared. Sampler, pruner and
   * budget may change from one run to the next, so they are not terms.
   */

  static final String FORMAT = "trimtab.study/1";

  static JournalHeader of(Study study) {
    return new JournalHeader(study.name(), study.space().digest(), study.goals(), study.seed());
  }

  static String write(Study study) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", FORMAT);
    tree.put("name", study.name());
    tree.put("goals", study.goals().stream().map(JournalHeader::tree).toList());
    tree.put("seed", study.seed());
    tree.put("sampler", study.sampler().toString());
    tree.put("space_digest", study.space().digest());
    if (study.space().localRules().isEmpty()) {
      tree.put("space", study.space().toTree());
    }
    return Json.write(tree);
  }

  private static Map<String, Object> tree(Goal goal) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", goal.name());
    tree.put("direction", goal.direction().name());
    return tree;
  }

  static JournalHeader read(String place, String line) {
    try {
      JsonObject tree = Json.parseObject(line, JsonLimits.DEFAULT);
      String format = tree.string("format");
      if (!format.equals(FORMAT)) {
        throw new JsonException("expected format \"%s\", got \"%s\"".formatted(FORMAT, format));
      }
      List<Goal> goals = new ArrayList<>();
      for (JsonObject goal : tree.objects("goals")) {
        goals.add(new Goal(goal.string("name"), Direction.valueOf(goal.string("direction"))));
      }
      return new JournalHeader(
          tree.string("name"), tree.string("space_digest"), goals, tree.integer("seed"));
    } catch (JsonException | IllegalArgumentException e) {
      throw new StudyStorageException(
          place,
          "expected the log of a study, got %s: %s"
              .formatted(JournalCodec.excerpt(line), e.getMessage()),
          e);
    }
  }

  /** Names every term in which the kept study differs from the one that is opened. */
  void requireEqual(JournalHeader kept) {
    List<String> differences = new ArrayList<>();
    if (!name.equals(kept.name)) {
      differences.add("its name is \"%s\", not \"%s\"".formatted(kept.name, name));
    }
    if (!spaceDigest.equals(kept.spaceDigest)) {
      differences.add("its space has other parameters or rules");
    }
    if (!goals.equals(kept.goals)) {
      differences.add("its goals are %s, not %s".formatted(kept.goals, goals));
    }
    if (seed != kept.seed) {
      differences.add("its seed is %d, not %d".formatted(kept.seed, seed));
    }
    if (!differences.isEmpty()) {
      throw new StudyMismatchException(name, differences);
    }
  }
}
