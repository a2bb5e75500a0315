package io.natskv.connect.sink.record;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a time to live: whole or broken seconds, {@code 1h30m} as NATS writes it, or ISO-8601. */
final class Durations {
    private static final Pattern GO = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private Durations() {}

    /** @throws IllegalArgumentException if it is none, or not positive */
    static Duration parse(String text) {
        Duration duration = read(text.trim());
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("\"" + text + "\" is not positive");
        }
        return duration;
    }

    private static Duration read(String text) {
        try {
            if (text.startsWith("P") || text.startsWith("p")) {
                return Duration.parse(text);
            }
            if (text.matches("-?\\d+(\\.\\d+)?")) {
                return millis(new BigDecimal(text), 1_000);
            }
            Matcher part = GO.matcher(text);
            Duration sum = Duration.ZERO;
            int end = 0;
            while (part.find() && part.start() == end) {
                sum = sum.plus(millis(new BigDecimal(part.group(1)), MILLIS.get(part.group(2))));
                end = part.end();
            }
            if (end == text.length() && end > 0) {
                return sum;
            }
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(problem(text), e);
        }
        throw new IllegalArgumentException(problem(text));
    }

    private static Duration millis(BigDecimal amount, long unit) {
        return Duration.ofMillis(amount.multiply(BigDecimal.valueOf(unit)).longValue());
    }

    private static String problem(String text) {
        return "\"" + text + "\" is no duration; 90 (seconds), 1h30m and PT1H30M are";
    }
}
