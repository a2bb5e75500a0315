package io.natskv.benchmarks.camel;

import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.core.Rates;
import io.natskv.camel.NatsKvConstants;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes by exchanges, each of which is waited for. */
final class CamelWrites {
    private CamelWrites() {}

    /** Many keys in one exchange. */
    static final class PutAll implements Rounds.Side {
        private final Routes routes;
        private final List<Map<String, byte[]>> bodies = new ArrayList<>();
        private final int writes;

        PutAll(Routes routes, String bucket, Data data, CamelSettings settings) throws Exception {
            this.routes = routes;
            this.writes = settings.writes();
            for (int from = 0; from < settings.writes(); from += settings.putAllSize()) {
                Map<String, byte[]> body = new LinkedHashMap<>();
                for (int i = from; i < Math.min(settings.writes(), from + settings.putAllSize()); i++) {
                    body.put(data.key(i), data.value(i));
                }
                bodies.add(body);
            }
            routes.add(name(), "nats-kv:" + bucket + "?operation=PUT_ALL&maxInFlight=" + settings.inFlight());
        }

        @Override
        public String name() {
            return "camelPutAll";
        }

        @Override
        public double run() throws Exception {
            long start = System.nanoTime();
            for (Map<String, byte[]> body : bodies) {
                routes.send(name(), exchange -> exchange.getMessage().setBody(body));
            }
            return Rates.perSecond(writes, start);
        }
    }

    /** One value in one exchange, all to one key: camel-nats has a connection for each subject. */
    static final class Puts implements Rounds.Side {
        private final String name;
        private final Routes routes;
        private final Data data;
        private final int writes;

        private Puts(String name, Routes routes, Data data, int writes) {
            this.name = name;
            this.routes = routes;
            this.data = data;
            this.writes = writes;
        }

        static Puts natsKv(Routes routes, String bucket, Data data, int writes) throws Exception {
            routes.add("camelPut", "nats-kv:" + bucket);
            return new Puts("camelPut", routes, data, writes);
        }

        static Puts camelNats(Routes routes, String url, String bucket, Data data, int writes) throws Exception {
            routes.add(
                    "camelNatsPut",
                    "nats:$KV." + bucket + "." + data.key(0) + "?jetstreamEnabled=true&jetstreamName=KV_" + bucket
                            + "&servers=" + url.replace("nats://", ""));
            return new Puts("camelNatsPut", routes, data, writes);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public double run() throws Exception {
            long start = System.nanoTime();
            for (int i = 0; i < writes; i++) {
                byte[] value = data.value(i);
                routes.send(name, exchange -> {
                    exchange.getMessage().setHeader(NatsKvConstants.KEY, data.key(0));
                    exchange.getMessage().setBody(value);
                });
            }
            return Rates.perSecond(writes, start);
        }
    }
}
