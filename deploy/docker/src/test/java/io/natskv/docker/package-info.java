/** The image, the compose file and the connectors' configurations of this module, run by a real Docker engine. */
package io.natskv.docker;
