package io.natskv.tools.lag;

/**
 * How far a connector has come in one place.
 *
 * @param place what it reads: bucket and filter, or topic and partition
 * @param position up to where it has come: the last revision, or the next offset; null if nothing is known
 * @param end the last revision, or the offset behind the last record; null if it is not known
 * @param lag how many changes or records it has still to take; null if it is not known
 * @param note what else there is to say; empty if nothing
 */
record Position(String place, Long position, Long end, Long lag, String note) {}
