/** What must be, and whether it is: no server, no clock, no thread in here. */
package io.natskv.soak.model;
