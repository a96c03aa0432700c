package io.trimtab.lm;

/**
 * How a {@link CachingLanguageModel} has fared.
 *
 * @param hits answers given from the cache
 * @param joined answers shared with an equal call that was already under way
 * @param misses calls that asked the model
 * @param evictions answers dropped to make room or because they were too old
 * @param size answers held now
 */
public record CacheStats(long hits, long joined, long misses, long evictions, int size) {}
