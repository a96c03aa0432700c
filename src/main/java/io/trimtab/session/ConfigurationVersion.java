package io.trimtab.session;

import io.trimtab.space.Configuration;

/**
 * What a registered space holds at one moment.
 *
 * @param version the configuration's version: 1 when the space was registered, +1 for every write
 *     to a member, never reused
 * @param revision the session's revision it was read or written at
 * @param configuration the values of all active parameters
 */
public record ConfigurationVersion(long version, long revision, Configuration configuration) {}
