package dev.countersign.agent.tracing;

import java.net.URI;

/**
 * Where spans go.
 *
 * @param endpoint of a collector that takes OTLP over HTTP in protobuf, path included
 * @param sample of the traces that begin here, how many are recorded, 0 to 1
 * @param queue spans that may wait, 1 to 65536
 */
public record TracingSettings(URI endpoint, double sample, int queue) {
    /**
     * @throws IllegalArgumentException with value and expectation
     */
    public static URI endpoint(String text) {
        URI uri = URI.create(text);
        boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!web
                || uri.getHost() == null
                || uri.getUserInfo() != null
                || uri.getFragment() != null
                || uri.getQuery() != null) {
            throw new IllegalArgumentException(
                    "otlp: not an address of a collector (expected: http://host:4318/v1/traces)");
        }
        return uri;
    }
}
