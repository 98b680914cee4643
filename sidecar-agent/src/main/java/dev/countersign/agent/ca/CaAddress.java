package dev.countersign.agent.ca;

import dev.countersign.identity.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the CA is, and who it must be.
 *
 * @param host name or IP literal, without brackets
 * @param port 1 to 65535
 * @param serverId the only SPIFFE ID that is believed there
 * @param others further replicas, with no others of their own
 */
public record CaAddress(String host, int port, SpiffeId serverId, List<CaAddress> others) {
    private static final int MAX_PORT = 65_535;
    private static final int MOST = 16;

    /** One server. */
    public CaAddress(String host, int port, SpiffeId serverId) {
        this(host, port, serverId, List.of());
    }

    public CaAddress {
        others = List.copyOf(others);
        if (others.size() >= MOST) {
            throw new IllegalArgumentException(
                    (others.size() + 1) + " addresses (expected: <= " + MOST + ")");
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: empty (expected: a name or an IP address)");
        }
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /**
     * Reads {@code host:port}, or several with commas between; an IPv6 literal stands in brackets.
     *
     * @throws IllegalArgumentException with value and expectation
     */
    public static CaAddress parse(String addresses, SpiffeId serverId) {
        List<CaAddress> all = new ArrayList<>();
        for (String address : addresses.split(",", -1)) {
            all.add(one(address.strip(), serverId));
        }
        CaAddress first = all.getFirst();
        return new CaAddress(first.host, first.port, serverId, all.subList(1, all.size()));
    }

    /** This one and the others. */
    public List<CaAddress> all() {
        List<CaAddress> all = new ArrayList<>();
        all.add(new CaAddress(host, port, serverId));
        all.addAll(others);
        return all;
    }

    private static CaAddress one(String address, SpiffeId serverId) {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException('"' + address + "\" (expected: host:port)");
        }
        String host = address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException('"' + address + "\" (expected: [ipv6]:port)");
        }
        try {
            return new CaAddress(host, Integer.parseInt(address.substring(colon + 1)), serverId);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException('"' + address + "\" (expected: host:port)", e);
        }
    }

    @Override
    public String toString() {
        String own = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        return others.isEmpty()
                ? own
                : own
                        + ","
                        + others.stream().map(CaAddress::toString).collect(Collectors.joining(","));
    }
}
