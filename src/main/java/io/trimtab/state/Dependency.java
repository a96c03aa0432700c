package io.trimtab.state;

/**
 * Says that one variable must be updated before another.
 *
 * @param from the name of the variable that is updated first
 * @param to the name of the variable that depends on it
 */
public record Dependency(String from, String to) {}
