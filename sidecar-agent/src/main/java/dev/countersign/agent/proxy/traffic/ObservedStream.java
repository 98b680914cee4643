package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.OpenConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An opaque stream that was opened, is over, or was not let in.
 *
 * @param denied null where it was let in
 */
record ObservedStream(
        Instant at, OpenConnection.State connection, Event event, @Nullable Denied denied)
        implements Observed {
    enum Event {
        OPENED,
        CLOSED,
        DENIED
    }

    @Override
    public Direction direction() {
        return connection.direction();
    }

    @Override
    public int port() {
        return connection.targetPort();
    }

    @Override
    public @Nullable String peer() {
        return connection.peer().map(Object::toString).orElse(null);
    }

    @Override
    public @Nullable String path() {
        return null;
    }

    @Override
    public boolean has(TapFilter.Mark mark) {
        return switch (mark) {
            case ALLOWED -> denied == null;
            case DENIED -> denied != null;
            case AUDITED -> false;
        };
    }

    @Override
    public String line() {
        JsonLine line =
                new JsonLine()
                        .text("time", at.toString())
                        .text("kind", "stream")
                        .text("event", event.name().toLowerCase(Locale.ROOT))
                        .text("direction", direction().name().toLowerCase(Locale.ROOT))
                        .text("listener", connection.listener())
                        .number("connection", connection.id())
                        .text("peer", peer())
                        .text("remote", connection.remote())
                        .number("port", port())
                        .text("decision", denied == null ? "allowed" : "denied");
        if (denied != null) {
            line.text("reason", denied.decision().reason().name())
                    .text("policy", denied.decision().policy())
                    .text("denialId", denied.id());
        }
        if (event == Event.CLOSED) {
            line.number("received", connection.received())
                    .number("sent", connection.sent())
                    .number("micros", Duration.between(connection.since(), at).toNanos() / 1000);
        }
        return line.end();
    }
}
