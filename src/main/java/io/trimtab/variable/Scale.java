package io.trimtab.variable;

/** How a numeric domain is spread when it is sampled or encoded onto the unit interval. */
public enum Scale {
  /** Equal differences count as equal steps. */
  LINEAR,
  /** Equal ratios count as equal steps; the whole domain must be positive. */
  LOG
}
