/** Sinks in a plugin folder of their own: they run in the worker, not in the benchmark. */
package io.natskv.benchmarks.sinks;
