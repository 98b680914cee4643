package dev.countersign.agent.scrape;

import java.net.URI;
import java.time.Duration;

/**
 * Where the application's metrics are.
 *
 * @param port on loopback, 1 to 65535
 * @param path begins with {@code /}; may have a query
 * @param timeout for all of the answer
 */
public record ApplicationPage(int port, String path, Duration timeout) {
    private static final int MAX_PORT = 0xffff;

    public ApplicationPage {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "port: " + port + " (expected: 1 to " + MAX_PORT + ")");
        }
        path = checkedPath(path);
    }

    /**
     * @throws IllegalArgumentException with value and expectation
     */
    public static String checkedPath(String path) {
        if (!path.startsWith("/") || path.startsWith("//") || path.indexOf('#') >= 0) {
            throw new IllegalArgumentException("path: " + path + " (expected: as /metrics)");
        }
        URI.create("http://127.0.0.1" + path);
        return path;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port + path);
    }
}
