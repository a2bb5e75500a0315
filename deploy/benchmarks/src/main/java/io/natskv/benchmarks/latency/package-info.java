/** Times from when something was due at a fixed rate: no pause hides behind those who waited for it. */
package io.natskv.benchmarks.latency;
