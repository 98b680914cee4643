package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.tracing.Span;
import dev.countersign.agent.tracing.SpanContext;
import dev.countersign.policy.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Makes the span of a request that is over. */
final class RequestSpan {
    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;

    private RequestSpan() {}

    /**
     * @param at when it was over
     */
    static Span of(SpanContext context, EndedRequest request, Instant at) {
        long end = TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
        boolean called = request.direction() == Direction.INBOUND;
        int status = request.status();
        boolean failed = status == 0 || status >= (called ? SERVER_ERROR : CLIENT_ERROR);
        return new Span(
                context,
                request.method(),
                called ? Span.Kind.SERVER : Span.Kind.CLIENT,
                end - (request.ended() - request.started()),
                end,
                attributes(request),
                failed);
    }

    private static List<Span.Attribute> attributes(EndedRequest request) {
        List<Span.Attribute> facts = new ArrayList<>();
        text(facts, "http.request.method", request.method());
        text(facts, "url.path", request.path());
        text(facts, "server.address", request.host());
        number(facts, "http.response.status_code", request.status());
        text(facts, "network.protocol.version", request.protocol().equals("h2") ? "2" : "1.1");
        number(facts, "countersign.port", request.port());
        request.peer().ifPresent(peer -> text(facts, "countersign.peer", peer.id().toString()));
        text(facts, "countersign.outcome", request.outcome().name().toLowerCase(Locale.ROOT));
        if (request.grpcStatus() >= 0) {
            number(facts, "rpc.grpc.status_code", request.grpcStatus());
        }
        Decision decision = request.decision();
        if (decision != null) {
            text(facts, "countersign.decision", decision.allowed() ? "allowed" : "denied");
            text(facts, "countersign.denial_id", request.denialId());
        }
        return facts;
    }

    private static void text(List<Span.Attribute> facts, String name, String value) {
        if (!value.isEmpty()) {
            facts.add(new Span.Attribute.Text(name, value));
        }
    }

    private static void number(List<Span.Attribute> facts, String name, long value) {
        facts.add(new Span.Attribute.Whole(name, value));
    }
}
