package io.trimtab.study;

/** What becomes of a proposal that equals a configuration the study has tried before. */
public enum Duplicates {
  /** It is tried again, as is right for objectives with noise. */
  ALLOW,
  /**
   * Another one is proposed; a finite space in which everything has been tried is exhausted. For
   * objectives that always give the same score.
   */
  AVOID,
  /** A run gives it the score of the earlier trial, if that one is complete, at no cost. */
  REUSE
}
