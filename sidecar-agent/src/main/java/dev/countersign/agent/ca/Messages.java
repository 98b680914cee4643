package dev.countersign.agent.ca;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** The server's times. */
final class Messages {
    private Messages() {}

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
