package io.natskv.testing.nats;

/** The server versions that the suite is run against: one for each Debian suite that carries the server. */
public enum NatsVersion {
    /** JetStream API level 0, one filter subject a consumer. */
    V2_9("2.9.10", "bookworm"),
    /** API level 0, several filter subjects, compression, metadata. */
    V2_10("2.10.27", "trixie"),
    /** API level 5: atomic batches, message TTL, limit markers. */
    V2_15("2.15.1", "forky");

    private final String number;
    private final String suite;

    NatsVersion(String number, String suite) {
        this.number = number;
        this.suite = suite;
    }

    /** The newest. */
    public static NatsVersion latest() {
        return V2_15;
    }

    /** The full version, as 2.15.1. */
    public String number() {
        return number;
    }

    /** The Debian suite that carries it. */
    public String suite() {
        return suite;
    }

    /** The release line, as 2.15. */
    public String line() {
        return number.substring(0, number.lastIndexOf('.'));
    }

    /** Whether a server of this version, as 2.15.3, is of the same release line and can stand in for it. */
    public boolean accepts(String version) {
        return version.equals(line()) || version.startsWith(line() + ".");
    }

    /** Whether it is this version or a newer one. */
    public boolean atLeast(NatsVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public String toString() {
        return number;
    }
}
