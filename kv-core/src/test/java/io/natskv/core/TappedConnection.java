package io.natskv.core;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Predicate;

/** A real connection with an ear at it: a test sees what is sent before it is, and may do something just then, or let it get lost. */
public final class TappedConnection {
    private TappedConnection() {}

    /**
     * What is sent over the connection passes by.
     *
     * @param subject where it goes
     * @param message the message; null where only a subject and bytes were given
     */
    public record Sent(String subject, Message message) {}

    /**
     * A connection that does what the other does.
     *
     * @param passes is asked before each publish and each request; where it says no, the message is lost without a word
     */
    public static Connection of(Connection connection, Predicate<Sent> passes) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    boolean sends = method.getName().startsWith("publish")
                            || method.getName().startsWith("request");
                    if (sends && !passes.test(sent(arguments[0]))) {
                        return method.getReturnType() == void.class
                                ? null
                                : new java.util.concurrent.CompletableFuture<Message>();
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Sent sent(Object first) {
        return first instanceof Message message
                ? new Sent(message.getSubject(), message)
                : new Sent((String) first, null);
    }
}
