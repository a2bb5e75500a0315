package io.natskv.benchmarks.mirror;

/**
 * What a run used, from when its first records were seen.
 *
 * @param cpu processor time
 * @param records how many came since then
 */
public record Usage(Cpu cpu, long records) {}
