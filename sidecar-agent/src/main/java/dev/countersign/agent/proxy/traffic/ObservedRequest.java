package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.policy.Decision;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request that is over. */
record ObservedRequest(Instant at, EndedRequest request) implements Observed {
    @Override
    public Direction direction() {
        return request.direction();
    }

    @Override
    public int port() {
        return request.port();
    }

    @Override
    public @Nullable String peer() {
        return request.peer().map(peer -> peer.id().toString()).orElse(null);
    }

    @Override
    public String path() {
        return request.path();
    }

    @Override
    public boolean has(TapFilter.Mark mark) {
        Decision decision = request.decision();
        return switch (mark) {
            case ALLOWED -> decision == null || decision.allowed();
            case DENIED -> decision != null && !decision.allowed();
            case AUDITED -> !request.audited().isEmpty();
        };
    }

    @Override
    public String line() {
        JsonLine line =
                new JsonLine()
                        .text("time", at.toString())
                        .text("kind", "request")
                        .text("direction", direction().name().toLowerCase(Locale.ROOT))
                        .text("peer", peer())
                        .number("port", port())
                        .text("protocol", request.protocol())
                        .text("method", request.method())
                        .text("host", request.host())
                        .text("path", request.path())
                        .number("status", request.status());
        if (request.grpcStatus() >= 0) {
            line.number("grpcStatus", request.grpcStatus());
        }
        line.text("outcome", request.outcome().name().toLowerCase(Locale.ROOT));
        decided(line);
        if (request.answered() != 0) {
            line.number("firstMicros", micros(request.answered()));
        }
        return line.number("micros", micros(request.ended()))
                .number("requestBytes", request.requestBytes())
                .number("responseBytes", request.responseBytes())
                .text("traceId", request.traceId())
                .end();
    }

    private void decided(JsonLine line) {
        Decision decision = request.decision();
        if (decision == null) {
            return;
        }
        line.text("decision", decision.allowed() ? "allowed" : "denied")
                .text("reason", decision.reason().name())
                .text("policy", decision.policy())
                .text("rule", decision.ruleId())
                .number("revision", decision.revision())
                .texts("audit", request.audited().stream().map(Decision::policy).toList())
                .text("denialId", request.denialId());
    }

    private long micros(long until) {
        return TimeUnit.NANOSECONDS.toMicros(until - request.started());
    }
}
