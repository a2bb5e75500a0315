/**
 * Real NATS servers of a chosen version, on free ports of 127.0.0.1, in temporary folders.
 *
 * <ul>
 *   <li>{@link io.natskv.testing.nats.NatsServerBinary} finds a {@code nats-server} of a
 *       {@link io.natskv.testing.nats.NatsVersion}, or gets one from Debian's packages into the user's cache.
 *   <li>{@link io.natskv.testing.nats.NatsServer} is one server, {@link io.natskv.testing.nats.NatsCluster} three; both
 *       can be killed, restarted on the same port and store, paused and resumed.
 *   <li>{@link io.natskv.testing.nats.TcpProxy} stands between a client and a server and cuts, stalls, delays, resets or
 *       refuses connections.
 * </ul>
 *
 * <pre>{@code
 * try (NatsServer server = NatsServer.start(NatsVersion.latest());
 *         Connection connection = server.connect()) {
 *     server.kill();
 *     server.restart();
 * }
 * }</pre>
 *
 * <p>Needs the JDK and jnats only. Tests use it through {@code io.natskv.testing.junit}.
 */
package io.natskv.testing.nats;
