package io.trimtab.lm;

import java.time.Duration;

/**
 * How the limits of one model stand at a moment.
 *
 * @param breaker what the breaker does; it turns half-open at the first call after its wait
 * @param freeSlots how many more calls may run at once
 * @param waiting how many calls wait for their turn to run
 * @param requestsInMinute requests of the last minute, those waiting for their place included
 * @param tokensInMinute tokens of the last minute, estimated where the truth is not known
 * @param coolDown how long the provider still wants to be left alone
 */
public record LmLimitsState(
    BreakerState breaker,
    int freeSlots,
    int waiting,
    long requestsInMinute,
    long tokensInMinute,
    Duration coolDown) {}
