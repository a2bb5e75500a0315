package io.natskv.soak;

import io.natskv.soak.Pipelines.Form;
import io.natskv.soak.model.History;
import java.io.IOException;

/** What a form of the pipeline makes of the bucket: its topic and its copy, both read as they grow. */
final class Mirror implements AutoCloseable {
    /** More than a key ever gets. */
    private static final int ALL = 100_000_000;

    private final Form form;
    private final TopicLog topic;
    private final RawBucket copy;
    private final History history = new History(ALL, 0);
    private final Recorder recorder;

    /** The copy keeps all revisions, so that they can be counted. */
    Mirror(Form form, TopicLog topic, RawBucket copy) {
        this.form = form;
        this.topic = topic;
        this.copy = copy;
        this.recorder = new Recorder(copy, history, history.begin(copy.create(ALL, null)));
    }

    Form form() {
        return form;
    }

    TopicLog topic() {
        return topic;
    }

    RawBucket copy() {
        return copy;
    }

    History history() {
        return history;
    }

    boolean recorded() throws IOException, io.nats.client.JetStreamApiException {
        return recorder.caughtUp();
    }

    @Override
    public void close() {
        topic.close();
        recorder.close();
    }
}
