package dev.countersign.agent.proxy.tls;

import org.jspecify.annotations.Nullable;

/** Application protocols agents offer one another (RFC 7301). */
public final class Alpn {
    /** An opaque byte stream in frames, with an authenticated end and reset. */
    public static final String FRAMED = "countersign-tcp/1";

    /** HTTP/1.1 as it is; a tunnel after 101 is framed. */
    public static final String HTTP = "countersign-http/1";

    /** What foreign HTTP clients offer; bare bytes. */
    static final String FOREIGN_HTTP = "http/1.1";

    private Alpn() {}

    /** Whether the other side is an agent. */
    public static boolean isAgent(@Nullable String protocol) {
        return FRAMED.equals(protocol) || HTTP.equals(protocol);
    }
}
