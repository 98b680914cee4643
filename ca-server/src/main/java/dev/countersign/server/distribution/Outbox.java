package dev.countersign.server.distribution;

import dev.countersign.feed.Delta;
import dev.countersign.feed.Snapshot;
import java.time.Instant;

/** The sending half of one stream; the rpc package implements it. */
public interface Outbox {
    /** Whether the transport takes a message without queueing it. */
    boolean isReady();

    void send(Snapshot snapshot);

    void send(Delta delta);

    /** Asks the agent to renew its certificate under this root. */
    void renew(String rootKeyId, Instant by);

    /** Ends the stream with a stable reason. */
    void end(End end, String message);

    /** Why a stream ends. */
    enum End {
        SUBSCRIBER_CERTIFICATE_EXPIRED,
        SUBSCRIBER_DENIED,
        STREAMS_PER_POD,
        ACKNOWLEDGEMENT_RATE,
        ACKNOWLEDGEMENT_UNTRUE,
        EDGE_REPORT_RATE,
        INTERNAL_SIGNING,
        DRAINING
    }
}
