/**
 * Makes a topic a true copy of its bucket again where delete markers have vanished before they were read. Start at {@link
 * io.natskv.connect.source.reconcile.Reconciliation}.
 */
package io.natskv.connect.source.reconcile;
