package io.natskv.soak.model;

/** What a change does to its key. */
public enum Operation {
    PUT,
    DELETE,
    PURGE;

    /**
     * By the header {@code KV-Operation} (ADR-8), or the reason of a marker that the server wrote (ADR-43).
     *
     * @param header null for none
     * @param markerReason null for none
     */
    public static Operation of(String header, String markerReason) {
        if (header == null) {
            return markerReason == null ? PUT : PURGE;
        }
        return header.equals("PURGE") ? PURGE : DELETE;
    }

    public boolean isMarker() {
        return this != PUT;
    }
}
