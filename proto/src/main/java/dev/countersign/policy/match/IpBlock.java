package dev.countersign.policy.match;

import org.jspecify.annotations.Nullable;

/**
 * One address or a CIDR range. Bits of the address beyond the prefix are ignored.
 *
 * @param prefix leading bits that must agree: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record IpBlock(IpAddress address, int prefix) {

    /** {@code 10.0.0.1}, {@code 10.0.0.0/8}, {@code 2001:db8::/32}; null for anything else. */
    public static @Nullable IpBlock parse(String text) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return null;
        }
        int bits = address.v4() ? 32 : 128;
        // A mapped address has lost the 96 bits that its prefix would count.
        boolean mapped = address.v4() && text.indexOf(':') >= 0;
        if (slash < 0) {
            return new IpBlock(address, bits);
        }
        int prefix = prefix(text.substring(slash + 1), bits);
        return prefix < 0 || mapped ? null : new IpBlock(address, prefix);
    }

    /** Whether the address lies in the block; an IPv4 block holds no IPv6 address and back. */
    public boolean contains(IpAddress other) {
        if (address.v4() != other.v4()) {
            return false;
        }
        if (address.v4()) {
            return same(address.low() << 32, other.low() << 32, prefix);
        }
        return same(address.high(), other.high(), Math.min(prefix, 64))
                && same(address.low(), other.low(), Math.max(prefix - 64, 0));
    }

    /** The same block, its address without the bits beyond the prefix. */
    public IpBlock canonical() {
        return new IpBlock(
                new IpAddress(address.v4(), highBits(address, prefix), lowBits(address, prefix)),
                prefix);
    }

    /** The high half of an address, cut to its leading bits. */
    public static long highBits(IpAddress address, int prefix) {
        return address.v4() ? address.high() : leading(address.high(), Math.min(prefix, 64));
    }

    /** The low half of an address, cut to what its leading bits take of it. */
    public static long lowBits(IpAddress address, int prefix) {
        return address.v4()
                ? leading(address.low() << 32, prefix) >>> 32
                : leading(address.low(), Math.max(prefix - 64, 0));
    }

    private static long leading(long word, int bits) {
        return bits == 0 ? 0 : word & (-1L << (64 - bits));
    }

    private static boolean same(long a, long b, int bits) {
        return bits == 0 || (a ^ b) >>> (64 - bits) == 0;
    }

    private static int prefix(String text, int most) {
        if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value <= most ? value : -1;
    }
}
