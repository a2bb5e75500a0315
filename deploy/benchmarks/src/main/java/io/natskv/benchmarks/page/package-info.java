/** A page with tables and plots, made of the reports of a run. */
package io.natskv.benchmarks.page;
