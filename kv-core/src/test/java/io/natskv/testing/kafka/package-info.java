/**
 * A real Kafka broker and real Connect workers as processes of their own, on free ports of 127.0.0.1.
 *
 * <ul>
 *   <li>{@link io.natskv.testing.kafka.KafkaBroker}: one broker and controller in KRaft mode.
 *   <li>{@link io.natskv.testing.kafka.ConnectWorker}: a distributed worker with a {@code plugin.path}.
 *   <li>{@link io.natskv.testing.kafka.ConnectRest}: the worker's REST interface.
 *   <li>{@link io.natskv.testing.kafka.KafkaClasspath}: where these JVMs take their jars from, the system property
 *       {@value io.natskv.testing.kafka.KafkaClasspath#PROPERTY}.
 * </ul>
 *
 * <pre>{@code
 * try (KafkaBroker broker = KafkaBroker.builder().start();
 *         ConnectWorker worker = ConnectWorker.builder(broker.bootstrap()).pluginPath(plugins).start()) {
 *     worker.rest().put("mirror", config);
 *     worker.rest().awaitRunning("mirror", Duration.ofSeconds(30));
 * }
 * }</pre>
 *
 * <p>Close the worker before the broker, as try-with-resources does in this order: a worker without its broker is slow
 * to stop, and is killed after a bound. No Kafka type is used here, so the using module's own class path stays free of
 * the broker; it needs the JDK and jnats, whose JSON parser reads the answers.
 */
package io.natskv.testing.kafka;
