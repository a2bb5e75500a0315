/** What the source and the sink connector share on their Kafka side. Needs Kafka's connect-api, which the worker supplies. */
package io.natskv.core.connect;
