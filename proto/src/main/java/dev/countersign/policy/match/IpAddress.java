package dev.countersign.policy.match;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as two longs. An IPv4-mapped IPv6 address ({@code ::ffff:10.0.0.1}) is
 * the IPv4 address it maps: a listener on a dual-stack socket reports the one for the other.
 *
 * @param v4 whether it is an IPv4 address, held in the low 32 bits of {@code low}
 */
public record IpAddress(boolean v4, long high, long low) {

    private static final long MAPPED = 0xffffL << 32;

    /** An address literal, never a host name; null for anything else, zone identifiers included. */
    public static @Nullable IpAddress parse(String text) {
        if (text.indexOf(':') < 0) {
            return parseV4(text);
        }
        if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0 || text.length() > 45) {
            return null;
        }
        try {
            // Literals only: this method never resolves a name. It returns an Inet4Address for
            // a mapped address.
            return of(Inet6Address.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The address of a socket. */
    public static IpAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return v4(word(bytes, 0, 4));
        }
        long high = word(bytes, 0, 8);
        long low = word(bytes, 8, 8);
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED
                ? v4(low & 0xffff_ffffL)
                : new IpAddress(false, high, low);
    }

    /** Dotted for IPv4, eight groups without compression for IPv6. */
    @Override
    public String toString() {
        if (v4) {
            return (low >>> 24)
                    + "."
                    + (low >>> 16 & 255)
                    + "."
                    + (low >>> 8 & 255)
                    + "."
                    + (low & 255);
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            long half = i < 4 ? high : low;
            text.append(i == 0 ? "" : ":");
            text.append(Long.toHexString(half >>> (48 - 16 * (i % 4)) & 0xffff));
        }
        return text.toString();
    }

    private static IpAddress v4(long bits) {
        return new IpAddress(true, 0, bits);
    }

    private static @Nullable IpAddress parseV4(String text) {
        long bits = 0;
        int at = 0;
        for (int part = 0; part < 4; part++) {
            int end = part == 3 ? text.length() : text.indexOf('.', at);
            int octet = end < 0 ? -1 : octet(text, at, end);
            if (octet < 0) {
                return null;
            }
            bits = bits << 8 | octet;
            at = end + 1;
        }
        return v4(bits);
    }

    /** Decimal without leading zeros, which some readers take for octal. */
    private static int octet(String text, int from, int to) {
        int length = to - from;
        if (length < 1 || length > 3 || (length > 1 && text.charAt(from) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value <= 255 ? value : -1;
    }

    private static long word(byte[] bytes, int from, int length) {
        long word = 0;
        for (int i = from; i < from + length; i++) {
            word = word << 8 | (bytes[i] & 0xff);
        }
        return word;
    }
}
