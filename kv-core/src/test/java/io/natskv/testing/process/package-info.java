/**
 * Server processes for tests and for the quickstart, on this machine, without containers.
 *
 * <p>{@link io.natskv.testing.process.ManagedProcess} runs a command, waits until it is ready, and can kill, pause and
 * resume it by its process id; {@link io.natskv.testing.process.FreePorts} hands out ports of 127.0.0.1;
 * {@link io.natskv.testing.process.TempFolder} is a folder which goes away with the JVM. Whatever is still there when
 * the JVM ends, also by Ctrl-C, is killed and deleted then. A JVM that is itself killed (SIGKILL) leaves its children.
 *
 * <pre>{@code
 * try (ManagedProcess server = ManagedProcess.builder("my-server", "/usr/bin/my-server", "--port", "12345")
 *         .logFile(folder.resolve("server.log"))
 *         .start(Duration.ofSeconds(10), () -> Sockets.accepts(12345))) {
 *     server.kill();
 * }
 * }</pre>
 *
 * <p>Needs the JDK only.
 */
package io.natskv.testing.process;
