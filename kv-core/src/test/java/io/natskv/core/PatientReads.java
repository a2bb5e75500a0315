package io.natskv.core;

import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import java.time.Duration;

/** Reads a watch over the outages that a machine which stalls looks like. */
public final class PatientReads {
    private PatientReads() {}

    /** The next event that tells something else than an outage, or null if the deadline passes without any event. */
    public static WatchEvent next(KvWatch watch, Duration deadline) {
        WatchEvent event = watch.next(deadline);
        while (event instanceof WatchEvent.Unavailable || event instanceof WatchEvent.Available) {
            event = watch.next(deadline);
        }
        return event;
    }
}
