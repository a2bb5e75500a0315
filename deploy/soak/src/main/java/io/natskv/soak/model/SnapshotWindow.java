package io.natskv.soak.model;

import java.time.Instant;

/**
 * A snapshot that a source has taken because its position was lost: of what was overwritten before, it reads the last entry of each key alone.
 *
 * @param group the keys' first token: its filter
 * @param end when the source told that it was complete
 */
public record SnapshotWindow(String group, Instant end) {}
