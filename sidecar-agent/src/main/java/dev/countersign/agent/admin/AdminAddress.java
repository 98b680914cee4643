package dev.countersign.agent.admin;

import java.net.InetSocketAddress;
import java.util.Optional;

/** Where the pages for admins are. */
public final class AdminAddress {
    private static final int PORT = 15_000;

    private AdminAddress() {}

    /**
     * Where it was said; else beside health and metrics where those are for loopback only; else on
     * loopback, port 15000.
     *
     * @param ops where health and metrics are
     */
    public static InetSocketAddress of(
            Optional<InetSocketAddress> configured, InetSocketAddress ops) {
        return configured.orElseGet(() ->
                isLoopback(ops) ? ops : InetSocketAddress.createUnresolved("127.0.0.1", PORT));
    }

    /** By its name alone: nobody is asked. */
    public static boolean isLoopback(InetSocketAddress address) {
        return switch (address.getHostString()) {
            case "127.0.0.1", "localhost", "::1", "[::1]", "0:0:0:0:0:0:0:1" -> true;
            default -> false;
        };
    }
}
