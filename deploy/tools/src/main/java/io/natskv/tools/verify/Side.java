package io.natskv.tools.verify;

import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/** A bucket or topic that is compared. For one thread. */
interface Side extends AutoCloseable {
    /** What it is, for messages: {@code topic "kv.orders"}. */
    String name();

    /** Hands over the states of all keys; of several of a key the last counts. */
    void read(BiConsumer<String, State> consumer);

    /** What it holds of these keys now; called after {@link #read}. */
    Map<String, State> again(Map<String, State> before);

    /** Where a state is, in words; null for a key that it holds nothing of. */
    String place(State state);

    /** An earlier revision of the key that has the same content; empty if none is known. */
    OptionalLong earlier(String key, State state);

    /** How far it was read when {@link #read} had ended, in words. */
    String extent();

    @Override
    void close();
}
