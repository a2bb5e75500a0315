/** A sink in a plugin folder of its own: it runs in the worker, not in the benchmark. */
package io.natskv.benchmarks.putloop;
