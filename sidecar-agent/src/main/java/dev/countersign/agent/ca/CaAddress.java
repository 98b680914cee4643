package dev.countersign.agent.ca;

import dev.countersign.identity.SpiffeId;

/**
 * Where the CA is, and who it must be.
 *
 * @param host name or IP literal, without brackets
 * @param port 1 to 65535
 * @param serverId the only SPIFFE ID that is believed there
 */
public record CaAddress(String host, int port, SpiffeId serverId) {
    private static final int MAX_PORT = 65_535;

    public CaAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: empty (expected: a name or an IP address)");
        }
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /**
     * Reads {@code host:port}; an IPv6 literal stands in brackets.
     *
     * @throws IllegalArgumentException with value and expectation
     */
    public static CaAddress parse(String address, SpiffeId serverId) {
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
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
