package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.EndedRequest;
import java.util.concurrent.TimeUnit;

/** Requests that ended the same way, between the same two. */
final class RequestSeries {
    /** Instead of a status, where a peer's answers had too many different ones. */
    static final int OTHER = -1;

    private final int status;
    private final int grpcStatus;
    private final Histogram micros = new Histogram(Histogram.MICROS);
    private final Histogram requestBytes = new Histogram(Histogram.BYTES);
    private final Histogram responseBytes = new Histogram(Histogram.BYTES);

    /**
     * @param status as answered, 0 for none, or {@link #OTHER}
     * @param grpcStatus -1 where it was not gRPC
     */
    RequestSeries(int status, int grpcStatus) {
        this.status = status;
        this.grpcStatus = grpcStatus;
    }

    boolean is(int otherStatus, int otherGrpcStatus) {
        return status == otherStatus && grpcStatus == otherGrpcStatus;
    }

    void record(EndedRequest request) {
        micros.record(TimeUnit.NANOSECONDS.toMicros(request.ended() - request.started()));
        requestBytes.record(request.requestBytes());
        responseBytes.record(request.responseBytes());
    }

    String status() {
        return status == OTHER ? "other" : Integer.toString(status);
    }

    int grpcStatus() {
        return grpcStatus;
    }

    Histogram micros() {
        return micros;
    }

    Histogram requestBytes() {
        return requestBytes;
    }

    Histogram responseBytes() {
        return responseBytes;
    }
}
