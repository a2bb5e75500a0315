/**
 * JUnit 5 on top of {@code io.natskv.testing.nats}: servers that start and stop with a test class or a test.
 *
 * <pre>{@code
 * class BucketTest {
 *     @RegisterExtension
 *     static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);
 *
 *     @Test
 *     void survivesKill(NatsServer server) {
 *         server.kill();
 *     }
 * }
 * }</pre>
 *
 * <p>Needs JUnit on the class path of the module that uses it. For a test over all versions take
 * {@code @ParameterizedTest @EnumSource(NatsVersion.class)} and start the server in the test.
 */
package io.natskv.testing.junit;
