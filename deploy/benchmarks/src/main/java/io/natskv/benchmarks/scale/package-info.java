/** What a record costs as buckets, topics, values and tasks grow, and what memory it takes. */
package io.natskv.benchmarks.scale;
