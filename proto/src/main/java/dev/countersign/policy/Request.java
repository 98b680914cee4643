package dev.countersign.policy;

import dev.countersign.policy.match.IpAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection or request as policies see it. Immutable, provided that the {@link HeaderLookup}
 * and the claims it was given are.
 */
public final class Request {

    private static final String SCHEME = "spiffe://";

    private final boolean http;
    private final @Nullable String sourcePrincipal;
    private final @Nullable IpAddress sourceIp;
    private final @Nullable IpAddress remoteIp;
    private final @Nullable IpAddress destinationIp;
    private final int port;
    private final @Nullable Workload destination;
    private final @Nullable String sni;
    private final @Nullable String method;
    private final @Nullable String host;
    private final @Nullable String path;
    private final PathNormalizer.@Nullable Mode normalIn;
    private final HeaderLookup headers;
    private final @Nullable Map<String, ?> jwtClaims;
    private final Map<String, ?> metadata;

    private Request(Builder builder) {
        http = builder.http;
        sourcePrincipal = builder.sourcePrincipal;
        sourceIp = builder.sourceIp;
        remoteIp = builder.remoteIp == null ? builder.sourceIp : builder.remoteIp;
        destinationIp = builder.destinationIp;
        port = builder.port;
        destination = builder.destination;
        sni = builder.sni;
        method = builder.method;
        host = builder.host;
        path = builder.path;
        normalIn = builder.normalIn;
        headers = builder.headers;
        jwtClaims = builder.jwtClaims;
        metadata = builder.metadata;
    }

    /** Starts an HTTP request, gRPC included. */
    public static Builder http() {
        return new Builder(true);
    }

    /** Starts a TCP connection: nothing of HTTP is known of it. */
    public static Builder tcp() {
        return new Builder(false);
    }

    /** Starts an HTTP request on this connection: same peer, addresses, port and server name. */
    public Builder httpOnThisConnection() {
        Builder builder = new Builder(true);
        builder.sourcePrincipal = sourcePrincipal;
        builder.sourceIp = sourceIp;
        builder.remoteIp = remoteIp;
        builder.destinationIp = destinationIp;
        builder.port = port;
        builder.destination = destination;
        builder.sni = sni;
        return builder;
    }

    /** Whether HTTP attributes are known. */
    public boolean isHttp() {
        return http;
    }

    /** The peer's identity without {@code spiffe://}; null for a caller without one. */
    public @Nullable String sourcePrincipal() {
        return sourcePrincipal;
    }

    /** The direct TCP peer. */
    public @Nullable IpAddress sourceIp() {
        return sourceIp;
    }

    /** The client as trusted proxies report it; the direct peer where there are none. */
    public @Nullable IpAddress remoteIp() {
        return remoteIp;
    }

    public @Nullable IpAddress destinationIp() {
        return destinationIp;
    }

    /** The port of the workload. */
    public int port() {
        return port;
    }

    /** The workload that is called, for expressions that ask for it; null: not known. */
    public @Nullable Workload destination() {
        return destination;
    }

    public @Nullable String sni() {
        return sni;
    }

    public @Nullable String method() {
        return method;
    }

    /** The authority as the client sent it, port included. */
    public @Nullable String host() {
        return host;
    }

    /** The normalised path, without query and fragment. */
    public @Nullable String path() {
        return path;
    }

    /** Whether the path, if there is one, is what {@link PathNormalizer} makes of it in a mode. */
    boolean isPathNormal(PathNormalizer.Mode mode) {
        // The mode may have changed since the path was brought into its form.
        return path == null || normalIn == mode || PathNormalizer.isNormal(mode, path);
    }

    /** A header by its lower-case name; {@code :authority}, {@code :method} and {@code :path} too. */
    public @Nullable String header(String lowerCaseName) {
        return switch (lowerCaseName) {
            case ":authority", "host" -> host;
            case ":method" -> method;
            case ":path" -> path;
            default -> headers.get(lowerCaseName);
        };
    }

    /** The claims of a validated token, as JSON values; null where there is none. */
    public @Nullable Map<String, ?> jwtClaims() {
        return jwtClaims;
    }

    /** What a filter noted under {@code <filter>[<key>]}: a string or a list of strings. */
    public @Nullable Object metadata(String key) {
        return metadata.get(key);
    }

    /** Collects what is known; only the port is mandatory. */
    public static final class Builder {

        private final boolean http;
        private @Nullable String sourcePrincipal;
        private @Nullable IpAddress sourceIp;
        private @Nullable IpAddress remoteIp;
        private @Nullable IpAddress destinationIp;
        private int port = -1;
        private @Nullable Workload destination;
        private @Nullable String sni;
        private @Nullable String method;
        private @Nullable String host;
        private @Nullable String path;
        private PathNormalizer.@Nullable Mode normalIn;
        private HeaderLookup headers = HeaderLookup.NONE;
        private @Nullable Map<String, String> ownHeaders;
        private @Nullable Map<String, ?> jwtClaims;
        private Map<String, ?> metadata = Map.of();

        private Builder(boolean http) {
            this.http = http;
        }

        /** The verified peer, with or without {@code spiffe://}; null for a plaintext caller. */
        public Builder sourcePrincipal(@Nullable String id) {
            sourcePrincipal =
                    id != null && id.startsWith(SCHEME) ? id.substring(SCHEME.length()) : id;
            return this;
        }

        /** The direct TCP peer. */
        public Builder sourceIp(@Nullable IpAddress address) {
            sourceIp = address;
            return this;
        }

        /** The client behind trusted proxies; the direct peer where not given. */
        public Builder remoteIp(@Nullable IpAddress address) {
            remoteIp = address;
            return this;
        }

        public Builder destinationIp(@Nullable IpAddress address) {
            destinationIp = address;
            return this;
        }

        /** The port of the workload, 0 to 65535. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /** The workload that is called; without it an expression about it has no value. */
        public Builder destination(@Nullable Workload workload) {
            destination = workload;
            return this;
        }

        public Builder sni(@Nullable String name) {
            sni = name;
            return this;
        }

        public Builder method(@Nullable String name) {
            method = name;
            return this;
        }

        /** The authority as sent, port included. */
        public Builder host(@Nullable String authority) {
            host = authority;
            return this;
        }

        /**
         * The path, already normalised by {@link PathNormalizer} in the mesh's mode; a query or a
         * fragment is cut. A path that is not normal is decided with {@link
         * Decision.Reason#PATH_NOT_NORMALIZED}.
         */
        public Builder path(@Nullable String normalized) {
            path = normalized == null ? null : cut(cut(normalized, '#'), '?');
            normalIn = null;
            return this;
        }

        /** The path with the proof that it is normal, which then need not be looked at again. */
        public Builder normalPath(NormalizedPath.Ok normal) {
            path = normal.path();
            normalIn = normal.mode();
            return this;
        }

        /** Headers held elsewhere; replaces those given one by one. */
        public Builder headers(HeaderLookup lookup) {
            headers = lookup;
            ownHeaders = null;
            return this;
        }

        /** Adds one header; a name given twice has its values joined with a comma. */
        public Builder header(String name, String value) {
            Map<String, String> own = ownHeaders;
            if (own == null) {
                own = new HashMap<>();
                ownHeaders = own;
                headers = own::get;
            }
            own.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + "," + b);
            return this;
        }

        /** Claims of a validated token as JSON values: strings, lists, maps, numbers, booleans. */
        public Builder jwtClaims(@Nullable Map<String, ?> claims) {
            jwtClaims = claims;
            return this;
        }

        /** Notes of filters by {@code <filter>[<key>]}: strings or lists of strings. */
        public Builder metadata(Map<String, ?> notes) {
            metadata = Map.copyOf(notes);
            return this;
        }

        /**
         * The request.
         *
         * @throws IllegalArgumentException if the port is missing or out of range
         */
        public Request build() {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
            Map<String, String> own = ownHeaders;
            if (own != null) {
                headers = Map.copyOf(own)::get;
            }
            return new Request(this);
        }

        private static String cut(String text, char end) {
            int at = text.indexOf(end);
            return at < 0 ? text : text.substring(0, at);
        }
    }

    @Override
    public String toString() {
        return (http ? "http " : "tcp ")
                + Objects.requireNonNullElse(sourcePrincipal, "(no identity)")
                + " -> :"
                + port
                + (http ? " " + method + " " + host + path : "");
    }
}
