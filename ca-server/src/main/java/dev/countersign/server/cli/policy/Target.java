package dev.countersign.server.cli.policy;

import org.jspecify.annotations.Nullable;

/**
 * A workload as a person names it: {@code namespace/service-account}, {@code :port} behind it or not.
 *
 * @param port null where none is given
 */
record Target(String name, @Nullable Integer port) {

    /**
     * @throws IllegalArgumentException for a port that is none, with value and expectation
     */
    static Target parse(String text) {
        int colon = text.lastIndexOf(':');
        return colon < 0
                ? new Target(text, null)
                : new Target(text.substring(0, colon), port(text.substring(colon + 1)));
    }

    private static int port(String written) {
        try {
            int port = Integer.parseInt(written);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new IllegalArgumentException("port '" + written + "' (expected: 0 to 65535)");
    }
}
