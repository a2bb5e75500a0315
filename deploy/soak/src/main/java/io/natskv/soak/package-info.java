/** Random faults against the whole suite, and a model that knows what must be. */
package io.natskv.soak;
