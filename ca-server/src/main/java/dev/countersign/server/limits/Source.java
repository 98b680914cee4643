package dev.countersign.server.limits;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Whom an address is charged to: an IPv4 address itself, of an IPv6 one the /64, since a single host
 * may call from any address of that (RFC 4291, section 2.5.4).
 *
 * @param prefix the address, or the first half of it
 * @param ipv6 which of the two
 */
record Source(long prefix, boolean ipv6) {
    static Source of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address
                ? new Source(bytes.getLong(), true)
                : new Source(bytes.getInt(), false);
    }
}
