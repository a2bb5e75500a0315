/**
 * The Camel component {@code nats-kv:}. Start reading at {@link io.natskv.camel.NatsKvEndpoint}; {@link io.natskv.camel.NatsKvProducer}
 * maps operations to kv-core's futures, {@link io.natskv.camel.NatsKvConsumer} feeds a route from kv-core's watch engine.
 */
package io.natskv.camel;
