package io.natskv.camel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.annotations.SendDynamic;
import org.apache.camel.support.component.SendDynamicAwareSupport;

/**
 * Lets {@code toD("nats-kv:orders?key=${header.id}")} use one endpoint for all keys: what changes from exchange to exchange (key and
 * revision) goes into headers, which are taken off afterwards. A header that is there wins, as it does at a static endpoint.
 */
@SendDynamic("nats-kv")
public class NatsKvSendDynamicAware extends SendDynamicAwareSupport {
    private static final Map<String, String> HEADERS = Map.of(
            "key", NatsKvConstants.KEY,
            "revision", NatsKvConstants.AT_REVISION);

    /** A value may be raw, and hold ampersands then. */
    private static final Pattern PARAMETER =
            Pattern.compile("([^=&]+)(?:=(?:RAW\\(.*?\\)(?=&|$)|RAW\\{.*?}(?=&|$)|[^&]*))?");

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    @Override
    public DynamicAwareEntry prepare(Exchange exchange, String uri, String originalUri) throws Exception {
        return new DynamicAwareEntry(uri, originalUri, endpointProperties(exchange, uri), null);
    }

    @Override
    public String resolveStaticUri(Exchange exchange, DynamicAwareEntry entry) throws Exception {
        if (entry.getProperties().keySet().stream().noneMatch(HEADERS::containsKey)) {
            return null;
        }
        // By its text: what was decoded and encoded again is not always what it was (a secret with a percent sign).
        String uri = entry.getUri();
        int query = uri.indexOf('?') + 1;
        StringJoiner fixed = new StringJoiner("&");
        Matcher parameter = PARAMETER.matcher(uri.substring(query));
        while (parameter.find()) {
            if (!HEADERS.containsKey(parameter.group(1))) {
                fixed.add(parameter.group());
            }
        }
        return uri.substring(0, query - 1) + (fixed.length() == 0 ? "" : "?" + fixed);
    }

    @Override
    public Processor createPreProcessor(Exchange exchange, DynamicAwareEntry entry) {
        Map<String, Object> own = own(exchange, entry);
        return own.isEmpty() ? null : ex -> own.forEach(ex.getMessage()::setHeader);
    }

    @Override
    public Processor createPostProcessor(Exchange exchange, DynamicAwareEntry entry) {
        Map<String, Object> own = own(exchange, entry);
        return own.isEmpty() ? null : ex -> own.keySet().forEach(ex.getMessage()::removeHeader);
    }

    /** The headers that this exchange lacks. */
    private static Map<String, Object> own(Exchange exchange, DynamicAwareEntry entry) {
        Map<String, Object> own = new LinkedHashMap<>();
        HEADERS.forEach((option, header) -> {
            Object value = entry.getProperties().get(option);
            if (value != null && exchange.getMessage().getHeader(header) == null) {
                own.put(header, value);
            }
        });
        return own;
    }
}
