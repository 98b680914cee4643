package dev.countersign.feed;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** {@code ip:port} as text, IPv6 in brackets; a name is never looked up. */
public final class SocketText {
    private static final int MAX_PORT = 0xffff;

    private SocketText() {}

    public static String of(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host)
                + ":"
                + address.getPort();
    }

    /**
     * @throws IllegalArgumentException for anything but an address literal and a port from 1 on
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw wrong(text);
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        boolean colons = host.indexOf(':') >= 0;
        if (bracketed != colons) {
            throw wrong(text);
        }
        try {
            InetAddress address =
                    InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host);
            return new InetSocketAddress(address, port(text.substring(colon + 1), text));
        } catch (IllegalArgumentException notALiteral) {
            throw wrong(text);
        }
    }

    private static int port(String port, String text) {
        boolean digits =
                !port.isEmpty()
                        && port.length() <= 5
                        && port.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || Integer.parseInt(port) < 1 || Integer.parseInt(port) > MAX_PORT) {
            throw wrong(text);
        }
        return Integer.parseInt(port);
    }

    private static IllegalArgumentException wrong(String text) {
        String shown = text.length() > 64 ? text.substring(0, 64) + "…" : text;
        return new IllegalArgumentException(
                "address: " + shown + " (expected: ip:port, IPv6 in brackets)");
    }
}
