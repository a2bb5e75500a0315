/** Pages that are generated from the code, and the check that they have not drifted from it. */
package io.natskv.testing.docs;
