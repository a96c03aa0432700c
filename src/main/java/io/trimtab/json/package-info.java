/**
 * Strict JSON as plain Java values, the one form in which Trimtab reads and writes documents.
 *
 * <p>{@link io.trimtab.json.Json} parses under explicit {@link io.trimtab.json.JsonLimits}; {@link
 * io.trimtab.json.JsonObject} reads a parsed object with errors that name the path.
 */
@NullMarked
package io.trimtab.json;

import org.jspecify.annotations.NullMarked;
