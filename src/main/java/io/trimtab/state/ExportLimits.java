package io.trimtab.state;

/**
 * How much a reader of exported states accepts before it refuses the document.
 *
 * @param maxLength most characters of the whole document, at least 1
 * @param maxStringLength most characters of one string, at least 1
 * @param maxTokens most JSON tokens of the whole document, at least 1
 * @param maxVariables most variables, at least 0
 * @param maxDocuments most documents, at least 0
 * @param maxOthers most leases, dependencies, retired versions and metadata entries each, at least
 *     0
 */
public record ExportLimits(
    long maxLength,
    int maxStringLength,
    long maxTokens,
    int maxVariables,
    int maxDocuments,
    int maxOthers) {

  /**
   * 256 Mi characters, strings of 96 Mi characters (a tensor of 64 MiB fits), 16 Mi tokens, 100,000
   * variables, 10,000 documents, 100,000 of everything else.
   */
  public static final ExportLimits DEFAULT =
      new ExportLimits(256L << 20, 96 << 20, 16L << 20, 100_000, 10_000, 100_000);

  /**
   * Rejects limits that would refuse every document.
   *
   * @param maxLength most characters of the whole document, at least 1
   * @param maxStringLength most characters of one string, at least 1
   * @param maxTokens most JSON tokens of the whole document, at least 1
   * @param maxVariables most variables, at least 0
   * @param maxDocuments most documents, at least 0
   * @param maxOthers most leases, dependencies, retired versions and metadata entries each, at
   *     least 0
   */
  public ExportLimits {
    if (maxLength < 1
        || maxStringLength < 1
        || maxTokens < 1
        || maxVariables < 0
        || maxDocuments < 0
        || maxOthers < 0) {
      throw new IllegalArgumentException(
          "limits must be at least 1, counts at least 0, got "
              + "maxLength=%d, maxStringLength=%d, maxTokens=%d, maxVariables=%d, maxDocuments=%d, maxOthers=%d"
                  .formatted(
                      maxLength,
                      maxStringLength,
                      maxTokens,
                      maxVariables,
                      maxDocuments,
                      maxOthers));
    }
  }
}
