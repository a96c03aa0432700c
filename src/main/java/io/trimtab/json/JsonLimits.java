package io.trimtab.json;

/**
 * How much a parser accepts before it refuses a document.
 *
 * @param maxLength most characters of the whole document, at least 1
 * @param maxDepth deepest nesting of arrays and objects, in {@code [1, 1000]}
 * @param maxStringLength most characters of one string value, at least 1
 * @param maxTokens most tokens of the whole document, at least 1
 */
public record JsonLimits(long maxLength, int maxDepth, int maxStringLength, long maxTokens) {

  /** 64 Mi characters, depth 64, strings of 16 Mi characters, 8 Mi tokens. */
  public static final JsonLimits DEFAULT = new JsonLimits(64L << 20, 64, 16 << 20, 8L << 20);

  /**
   * Rejects limits below one and depths above 1000, where recursion would no longer be safe.
   *
   * @param maxLength most characters of the whole document, at least 1
   * @param maxDepth deepest nesting of arrays and objects, in {@code [1, 1000]}
   * @param maxStringLength most characters of one string value, at least 1
   * @param maxTokens most tokens of the whole document, at least 1
   */
  public JsonLimits {
    if (maxLength < 1 || maxStringLength < 1 || maxTokens < 1) {
      throw new IllegalArgumentException(
          "limits must be at least 1, got maxLength=%d, maxStringLength=%d, maxTokens=%d"
              .formatted(maxLength, maxStringLength, maxTokens));
    }
    if (maxDepth < 1 || maxDepth > 1000) {
      throw new IllegalArgumentException("maxDepth must be in [1, 1000], got " + maxDepth);
    }
  }
}
