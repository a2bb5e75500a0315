package io.natskv.camel;

import io.natskv.core.KvEntry;
import java.time.Duration;

/** Takes changes from the thread that reads them, in their order, and sees to it that they are processed. For that thread alone. */
interface Intake {
    /** A change; waits while there is no room. */
    void change(KvEntry entry, boolean initial, Settlement settlement);

    /**
     * All that was there has been given; returns when it has been processed, and what says so has too, or the consumer stops.
     *
     * @param settlement what is owed for the latter
     */
    void endOfData(Settlement settlement);

    /** How long the reader may wait for the next change before it calls {@link #pause}. */
    Duration patience(Duration longest);

    /** Nothing more is there for now. */
    void pause();

    /** The consumer is suspended: gives back what can be given back. */
    default void giveBack() {}

    /** Nothing follows, because the consumer stops. Waits for what is being processed, and drops the rest. */
    void close();
}
