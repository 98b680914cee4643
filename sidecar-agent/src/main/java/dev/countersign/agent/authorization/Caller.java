package dev.countersign.agent.authorization;

import dev.countersign.policy.Request;
import dev.countersign.trust.VerifiedPeer;
import java.util.Objects;
import java.util.Optional;

/**
 * Who called and what for, as far as a table of edges tells callers apart.
 *
 * @param source SPIFFE ID; empty for a caller without one
 * @param address IP address where there is no SPIFFE ID; empty otherwise
 * @param port of the workload
 * @param protocol "http" or "tcp"
 * @param method {@link #ANY} where many are counted together
 * @param path {@link #ANY} where many are counted together
 */
record Caller(
        String source, String address, int port, String protocol, String method, String path) {
    static final String ANY = "*";

    static Caller of(Optional<VerifiedPeer> peer, Request request) {
        String source = peer.map(p -> p.id().toString()).orElse("");
        return new Caller(
                source,
                source.isEmpty() ? Objects.toString(request.sourceIp(), "") : "",
                request.port(),
                request.isHttp() ? "http" : "tcp",
                Objects.requireNonNullElse(request.method(), ""),
                Objects.requireNonNullElse(request.path(), ""));
    }

    /** The same caller on the same port, whatever it asked for. */
    Caller anyRequest() {
        return new Caller(source, address, port, protocol, ANY, ANY);
    }

    /** Everybody else on this port. */
    Caller anybody() {
        return new Caller(ANY, ANY, port, protocol, ANY, ANY);
    }
}
