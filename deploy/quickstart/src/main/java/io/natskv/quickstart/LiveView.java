package io.natskv.quickstart;

import io.natskv.quickstart.MirrorModel.Change;
import io.natskv.quickstart.MirrorModel.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The live view as text: a block of lines for a terminal, or one line for a log. */
final class LiveView {
    private final String source;
    private final String topic;
    private final String copy;

    LiveView(String source, String topic, String copy) {
        this.source = source;
        this.topic = topic;
        this.copy = copy;
    }

    /** The same number of lines each time, none longer than the width. */
    List<String> block(Snapshot now, Duration elapsed, int width) {
        int names = Math.max(source.length(), Math.max(topic.length(), copy.length()));
        List<String> lines = new ArrayList<>();
        lines.add("-- " + clock(elapsed) + " " + "-".repeat(Math.max(0, Math.min(width, 78) - 9)));
        lines.add(row("bucket", source, names, keys(now.sourceKeys()) + "  revision " + number(now.sourceRevision())));
        lines.add(row(
                "topic",
                topic,
                names,
                number(now.records()) + " records  " + number(now.recordsPerSecond()) + " a second"));
        lines.add(row("bucket", copy, names, keys(now.copyKeys()) + "  revision " + number(now.copyRevision())));
        lines.add(row("lag", "", names, lag(now)));
        lines.add("last changes:");
        for (Change change : now.recent()) {
            lines.add("  " + text(change));
        }
        while (lines.size() < 6 + MirrorModel.RECENT) {
            lines.add("");
        }
        return lines.stream().map(line -> clip(line, width)).toList();
    }

    /** Everything but the changes, in one line. */
    String line(Snapshot now, Duration elapsed) {
        return clock(elapsed) + " " + source + " " + keys(now.sourceKeys()) + " revision "
                + number(now.sourceRevision()) + " | " + topic + " " + number(now.records()) + " records "
                + number(now.recordsPerSecond()) + "/s | " + copy + " " + keys(now.copyKeys()) + " revision "
                + number(now.copyRevision()) + " | lag " + lag(now);
    }

    private static String row(String kind, String name, int width, String text) {
        return ("  %-7s%-" + Math.max(1, width) + "s  %s").formatted(kind, name, text);
    }

    private static String lag(Snapshot now) {
        String time = now.lagMillis() < 0 ? "" : ", " + number(now.lagMillis()) + " ms from bucket to bucket";
        return number(now.lagRevisions()) + (now.lagRevisions() == 1 ? " revision" : " revisions") + time;
    }

    private static String text(Change change) {
        String arrival = change.millis() < 0 ? "on its way" : number(change.millis()) + " ms";
        return "%9s %-6s %10s  %s %s"
                .formatted(number(change.revision()), change.operation(), arrival, change.key(), change.text());
    }

    private static String keys(long count) {
        return number(count) + (count == 1 ? " key" : " keys");
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String clock(Duration elapsed) {
        return String.format("%02d:%02d", elapsed.toMinutes(), elapsed.toSecondsPart());
    }

    private static String clip(String line, int width) {
        // What a value holds must not steer the terminal.
        String text = line.replaceAll("\\p{Cntrl}", " ");
        return text.length() <= width ? text : text.substring(0, width);
    }
}
