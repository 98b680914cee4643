package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What passed between this workload and one peer, one way. How requests ended is found by looking
 * through a short list: a peer's answers have few different statuses.
 */
final class PeerSeries {
    /** Different ends of requests that are counted one by one. */
    static final int MAX_ENDS = 32;

    private final Direction direction;
    private final String principal;
    private final boolean secure;
    private final List<RequestSeries> ends = new CopyOnWriteArrayList<>();
    private final StreamSeries streams = new StreamSeries();

    /**
     * @param principal SPIFFE ID of the other side; {@code unknown} without one, {@code other} for
     *     the peers that there was no room for
     * @param secure whether it proved it in mutual TLS
     */
    PeerSeries(Direction direction, String principal, boolean secure) {
        this.direction = direction;
        this.principal = principal;
        this.secure = secure;
    }

    /** Returns whether it has a series of its own, not that of all others. */
    boolean record(EndedRequest request) {
        RequestSeries known = find(request.status(), request.grpcStatus());
        RequestSeries series = known == null ? open(request.status(), request.grpcStatus()) : known;
        series.record(request);
        return !series.is(RequestSeries.OTHER, -1);
    }

    StreamSeries streams() {
        return streams;
    }

    Direction direction() {
        return direction;
    }

    String principal() {
        return principal;
    }

    boolean secure() {
        return secure;
    }

    List<RequestSeries> ends() {
        return ends;
    }

    private synchronized RequestSeries open(int status, int grpcStatus) {
        RequestSeries again = find(status, grpcStatus);
        if (again != null) {
            return again;
        }
        boolean room = ends.size() < MAX_ENDS;
        RequestSeries other = room ? null : find(RequestSeries.OTHER, -1);
        if (other != null) {
            return other;
        }
        RequestSeries opened =
                room
                        ? new RequestSeries(status, grpcStatus)
                        : new RequestSeries(RequestSeries.OTHER, -1);
        ends.add(opened);
        return opened;
    }

    private @Nullable RequestSeries find(int status, int grpcStatus) {
        for (int i = 0; i < ends.size(); i++) {
            RequestSeries series = ends.get(i);
            if (series.is(status, grpcStatus)) {
                return series;
            }
        }
        return null;
    }
}
