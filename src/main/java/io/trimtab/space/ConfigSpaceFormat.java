package io.trimtab.space;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.variable.InvalidDefinitionException;

/**
 * The JSON form of spaces that the Python library ConfigSpace reads and writes (format 0.4).
 *
 * <p><b>Reading.</b> Uniform, normal and beta floats and integers, categoricals with weights,
 * ordinals, constants, conditions and forbidden clauses with their conjunctions and relations.
 * Categoricals of booleans become BOOLEAN, those of integers an INTEGER under a rule that names
 * them, evenly spaced numbers a grid.
 *
 * <p><b>Writing.</b> What has a counterpart there: numbers with a step become ordinals; a question
 * about a single discrete parameter, whatever it asks, becomes the list of values it allows. What
 * has none, such as arithmetic between parameters, free text, vectors and Java predicates, is
 * refused by name. Messages, descriptions, metadata and the prefix are not written.
 *
 * <p><b>Differences.</b> ConfigSpace puts the ends of an integer's range at the ends of the unit
 * interval, so that its normal and beta integers weigh the cells at the ends a little less; and it
 * draws an integer on a logarithmic scale by cells a little different from ours.
 */
public final class ConfigSpaceFormat {

  private static final JsonLimits LIMITS = new JsonLimits(4L << 20, 64, 1 << 20, 1L << 20);

  private ConfigSpaceFormat() {}

  /**
   * Reads a document that {@code ConfigurationSpace.to_json} wrote.
   *
   * @param json the document; at most 4 Mi characters
   * @return the space
   * @throws JsonException if the document is malformed or holds a construct that has no counterpart
   *     here, which is named
   * @throws InvalidDefinitionException if the definition contradicts itself or our rules for names,
   *     with every fault
   */
  public static ConfigurationSpace read(String json) {
    return new ConfigSpaceReader(Json.parseObject(json, LIMITS)).space();
  }

  /**
   * Writes a document that {@code ConfigurationSpace.from_json} reads.
   *
   * @param space the space
   * @return the document
   * @throws IllegalArgumentException if a part of the space has no counterpart there; it is named
   */
  public static String write(ConfigurationSpace space) {
    return Json.writePretty(new ConfigSpaceWriter(space).tree());
  }
}
