package io.natskv.core.write;

/**
 * How a writer is doing.
 *
 * @param inFlight writes submitted and not settled
 * @param inFlightBytes bytes that they hold
 * @param stored writes that were stored
 * @param retries attempts beyond the first
 * @param coalesced writes that a later one replaced
 * @param superseded writes that came later than a later record of their origin
 * @param conflicts guarded writes that found another revision than expected
 * @param failed writes that failed
 */
public record WriterStats(
        long inFlight,
        long inFlightBytes,
        long stored,
        long retries,
        long coalesced,
        long superseded,
        long conflicts,
        long failed) {}
