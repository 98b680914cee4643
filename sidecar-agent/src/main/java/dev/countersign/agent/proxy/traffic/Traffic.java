package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.authorization.Denied;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestEnds;
import dev.countersign.agent.proxy.relay.ByteCount;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.agent.tracing.SpanQueue;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everybody who is told what passes: metrics always, the access log and taps when there are any. */
public final class Traffic implements RequestEnds {
    private final TrafficMetrics metrics;
    private final Optional<AccessLog> accessLog;
    private final Tap tap;
    private final Optional<SpanQueue> spans;
    private final InstantSource clock;

    /**
     * @param accessLog closed by its owner
     * @param spans where those of sampled requests go
     */
    public Traffic(
            TrafficMetrics metrics,
            Optional<AccessLog> accessLog,
            Tap tap,
            Optional<SpanQueue> spans,
            InstantSource clock) {
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.tap = tap;
        this.spans = spans;
        this.clock = clock;
    }

    @Override
    public void ended(EndedRequest request) {
        metrics.ended(request);
        SpanContext trace = request.trace();
        if (trace != null && trace.sampled() && spans.isPresent()) {
            spans.get().offer(RequestSpan.of(trace, request, clock.instant()));
        }
        if (watched()) {
            ObservedRequest what = new ObservedRequest(clock.instant(), request);
            accessLog.ifPresent(log -> log.over(what));
            tap.show(what);
        }
    }

    /**
     * A stream begins; it is over when the connection's channel closes.
     *
     * @return to be told what is received from the peer and sent to it
     */
    public ByteCount opened(OpenConnection connection) {
        StreamSeries series = metrics.streamOpened(connection);
        if (tap.watched()) {
            tap.show(stream(connection, ObservedStream.Event.OPENED, null));
        }
        connection.channel().closeFuture().addListener(closed -> over(connection, series));
        return new StreamCount(connection, series);
    }

    /** A stream that was not let in. */
    public void denied(OpenConnection connection, Denied denied) {
        if (watched()) {
            ObservedStream what = stream(connection, ObservedStream.Event.DENIED, denied);
            accessLog.ifPresent(log -> log.over(what));
            tap.show(what);
        }
    }

    private void over(OpenConnection connection, StreamSeries series) {
        series.closed.increment();
        if (watched()) {
            ObservedStream what = stream(connection, ObservedStream.Event.CLOSED, null);
            accessLog.ifPresent(log -> log.over(what));
            tap.show(what);
        }
    }

    private boolean watched() {
        return accessLog.isPresent() || tap.watched();
    }

    private ObservedStream stream(
            OpenConnection connection, ObservedStream.Event event, @Nullable Denied denied) {
        return new ObservedStream(clock.instant(), connection.state(), event, denied);
    }
}
