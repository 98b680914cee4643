package dev.countersign.policy.analysis;

import dev.countersign.policy.Workload;
import java.util.List;
import java.util.Objects;

/**
 * A workload that is asked about, or one that stands for all that policies cannot tell from it.
 *
 * @param name as a person knows it, {@code namespace/…}
 * @param ports what it listens on; empty: unknown, so that every port is asked about
 * @param standsForOthers whether it is an example: of its workload only namespace and labels count
 */
public record Destination(
        String name, Workload workload, List<Listener> ports, boolean standsForOthers) {

    public Destination {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(workload, "workload");
        ports = List.copyOf(ports);
    }

    /** Whether requests of this kind are asked about. */
    boolean speaks(boolean http) {
        return ports.isEmpty() || ports.stream().anyMatch(port -> port.speaks(http));
    }

    /** The ports on which requests of this kind are asked about; empty: all. */
    List<Integer> ports(boolean http) {
        return ports.stream().filter(port -> port.speaks(http)).map(Listener::port).toList();
    }

    /**
     * A port it listens on.
     *
     * @param protocol what arrives there
     */
    public record Listener(int port, Protocol protocol) {

        public Listener {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
        }

        boolean speaks(boolean http) {
            return switch (protocol) {
                case HTTP -> http;
                case TCP -> !http;
                case AUTO -> true;
            };
        }
    }

    /** What arrives at a port. */
    public enum Protocol {
        HTTP,
        TCP,
        /** Found out from the first bytes. */
        AUTO
    }
}
