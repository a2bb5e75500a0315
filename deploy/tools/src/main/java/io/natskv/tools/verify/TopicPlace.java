package io.natskv.tools.verify;

/** Partition and offset in one number, which grows with the offset. */
final class TopicPlace {
    private static final int OFFSET_BITS = 47;
    private static final long OFFSETS = (1L << OFFSET_BITS) - 1;

    private TopicPlace() {}

    static long of(int partition, long offset) {
        return (long) partition << OFFSET_BITS | offset;
    }

    static int partition(long place) {
        return (int) (place >>> OFFSET_BITS);
    }

    static long offset(long place) {
        return place & OFFSETS;
    }

    static String text(long place) {
        return "partition " + partition(place) + " offset " + offset(place);
    }
}
