package io.natskv.soak;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What can happen; {@code --faults} takes these names in lower case, with hyphens. */
enum FaultKind {
    NATS_KILLED(Area.NATS),
    LEADER_KILLED(Area.NATS),
    ALL_NATS_KILLED(Area.NATS),
    NATS_FROZEN(Area.NATS),
    LEADER_FROZEN(Area.NATS),
    NATS_RESTARTED(Area.NATS),
    LEADER_STEPPED_DOWN(Area.NATS),
    LINKS_CUT(Area.LINKS),
    LINKS_RESET(Area.LINKS),
    LINKS_HALF_OPEN(Area.LINKS),
    LINKS_DELAYED(Area.LINKS),
    LINKS_STALLED(Area.LINKS),
    WORKER_KILLED(Area.CONNECT),
    WORKER_RESTARTED(Area.CONNECT),
    WORKER_FROZEN(Area.CONNECT),
    WORKER_REPLACED(Area.CONNECT),
    TASK_RESTARTED(Area.CONNECT),
    TASKS_MAX_CHANGED(Area.CONNECT),
    BROKER_KILLED(Area.BROKER),
    BROKER_RESTARTED(Area.BROKER),
    BROKER_FROZEN(Area.BROKER),
    CAMEL_KILLED(Area.CAMEL),
    CAMEL_RESTARTED(Area.CAMEL),
    CAMEL_FROZEN(Area.CAMEL),
    CONSUMERS_DELETED(Area.BUCKET),
    BUCKET_FULL(Area.BUCKET),
    MARKERS_PURGED(Area.BUCKET),
    BUCKET_MADE_ANEW(Area.BUCKET);

    private final Area area;

    /** What is disturbed; faults of different areas may fall together. */
    enum Area {
        NATS,
        LINKS,
        CONNECT,
        BROKER,
        CAMEL,
        BUCKET
    }

    FaultKind(Area area) {
        this.area = area;
    }

    /** Whether both may be there at once: what the soak does to buckets needs servers that answer. */
    boolean goesWith(FaultKind other) {
        return area != other.area && area != Area.BUCKET && other.area != Area.BUCKET;
    }

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws UserProblem if there is none of this name */
    static FaultKind of(String title) {
        return Arrays.stream(values())
                .filter(kind -> kind.title().equals(title))
                .findFirst()
                .orElseThrow(() -> new UserProblem("There is no fault \"" + title + "\"; there are: "
                        + String.join(", ", titles(List.of(values())))));
    }

    static List<String> titles(List<FaultKind> kinds) {
        return kinds.stream().map(FaultKind::title).toList();
    }
}
