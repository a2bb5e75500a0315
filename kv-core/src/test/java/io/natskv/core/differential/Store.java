package io.natskv.core.differential;

import io.natskv.core.key.KeyFilter;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A bucket as one of the two client libraries shows it. */
interface Store {
    /** The key's last value; empty for none and for a marker. */
    Optional<Row> get(String key) throws Exception;

    /** The value at a revision; empty for none, a marker, and a revision of another key. */
    Optional<Row> get(String key, long revision) throws Exception;

    List<Row> history(String key) throws Exception;

    Collection<String> keys() throws Exception;

    Collection<String> keys(KeyFilter filter) throws Exception;

    /**
     * What a watch delivers up to the end of its initial values.
     *
     * @param last revision of the last row that is due; 0 for none
     */
    List<Row> watch(WatchKind kind, long last) throws Exception;

    long values() throws Exception;

    /**
     * A write on its own.
     *
     * @param expected the revision for the kinds that have a condition
     * @return the revision, or {@link #REFUSED} if the condition did not hold
     */
    long write(Operation operation, byte[] value, long expected) throws Exception;

    /** Removes what lies behind markers, and all markers too if asked. */
    void purgeDeletes(boolean markersToo) throws Exception;

    /** Result of a write whose condition did not hold. */
    long REFUSED = -1;

    /** Result of a write that was done and tells no revision. */
    long UNKNOWN = 0;

    /**
     * A way of watching.
     *
     * @param filter which keys
     * @param history every revision rather than the last ones
     * @param from the first revision; 0 for all
     */
    record WatchKind(KeyFilter filter, boolean history, boolean ignoreDeletes, boolean metaOnly, long from) {}
}
