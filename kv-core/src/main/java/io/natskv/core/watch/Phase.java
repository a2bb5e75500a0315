package io.natskv.core.watch;

/** What a watch is about. */
enum Phase {
    /** On the way to a consumer that delivers. */
    SETTING_UP(WatchStats.State.STARTING),
    STREAMING(WatchStats.State.WATCHING),
    /** Waits before it tries again. */
    PAUSING(WatchStats.State.STARTING),
    /** Waits for the reader's decision. */
    LOST(WatchStats.State.LOST);

    private final WatchStats.State state;

    Phase(WatchStats.State state) {
        this.state = state;
    }

    /** As others are told. */
    WatchStats.State state() {
        return state;
    }
}
