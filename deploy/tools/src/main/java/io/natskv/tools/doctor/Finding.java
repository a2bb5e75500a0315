package io.natskv.tools.doctor;

/**
 * What the doctor has to say about a connector.
 *
 * @param level how bad it is
 * @param area what it is about: settings, NATS, {@code bucket "orders"}, {@code topic "kv.orders"}
 * @param setting the setting to change; null if it is none of the connector's
 * @param message what was found, and what to do
 */
record Finding(Level level, String area, String setting, String message) {
    /** How bad it is. */
    enum Level {
        /** The connector would not start, or not work. */
        error,
        /** It would work, and lose or hold up something. */
        warning,
        /** Worth knowing; nothing to change. */
        note,
        /** Looked at and found good. */
        ok
    }

    static Finding error(String area, String setting, String message) {
        return new Finding(Level.error, area, setting, message);
    }

    static Finding warning(String area, String setting, String message) {
        return new Finding(Level.warning, area, setting, message);
    }

    static Finding note(String area, String message) {
        return new Finding(Level.note, area, null, message);
    }

    static Finding ok(String area, String message) {
        return new Finding(Level.ok, area, null, message);
    }
}
