package dev.countersign.agent.proxy.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Application protocols agents offer one another (RFC 7301). */
public final class Alpn {
    /** An opaque byte stream in frames, with an authenticated end and reset. */
    public static final String FRAMED = "countersign-tcp/1";

    /** HTTP/1.1 as it is; a tunnel after 101 is framed. */
    public static final String HTTP = "countersign-http/1";

    /** HTTP/2 between agents. */
    public static final String HTTP2 = "countersign-h2/1";

    /** What foreign HTTP clients offer; bare bytes. */
    static final String FOREIGN_HTTP = "http/1.1";

    /** What foreign HTTP/2 clients offer, those of gRPC for instance. */
    static final String FOREIGN_HTTP2 = "h2";

    private static final String PREFIX = "countersign-";

    private Alpn() {}

    /** Whether a client that offers these is an agent, and wants another one to answer. */
    public static boolean offeredByAgent(List<String> protocols) {
        return protocols.stream().anyMatch(protocol -> protocol.startsWith(PREFIX));
    }

    /** Whether the other side is an agent. */
    public static boolean isAgent(@Nullable String protocol) {
        return FRAMED.equals(protocol) || HTTP.equals(protocol) || HTTP2.equals(protocol);
    }

    /** Whether HTTP/2 is spoken. */
    public static boolean isHttp2(@Nullable String protocol) {
        return HTTP2.equals(protocol) || FOREIGN_HTTP2.equals(protocol);
    }

    /** What a connection to a peer is to carry. */
    public enum Use {
        /** HTTP/1.1. */
        HTTP1,
        /** HTTP/2; a peer that is no agent may speak it too. */
        HTTP2,
        /** An opaque stream. */
        STREAM;

        List<String> offered() {
            return switch (this) {
                case HTTP1 -> List.of(HTTP);
                case HTTP2 -> List.of(Alpn.HTTP2, FOREIGN_HTTP2);
                case STREAM -> List.of(FRAMED);
            };
        }
    }
}
