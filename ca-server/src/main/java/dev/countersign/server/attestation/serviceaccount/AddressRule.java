package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Set;

/**
 * Which addresses keys may be fetched from: public ones, and those an operator has listed. A name
 * that resolves to the metadata service, to a neighbour or to this host must not make the server
 * talk to it.
 *
 * @param listed networks allowed although they are not public
 */
record AddressRule(Set<IpBlock> listed) {
    AddressRule {
        listed = Set.copyOf(listed);
    }

    boolean allows(InetAddress address) {
        IpAddress asked = IpAddress.of(address);
        return isPublic(address) || listed.stream().anyMatch(block -> block.contains(asked));
    }

    /** Judged by IANA's special-purpose address registries (RFC 6890). */
    private static boolean isPublic(InetAddress address) {
        boolean special =
                address.isAnyLocalAddress()
                        || address.isLoopbackAddress()
                        || address.isLinkLocalAddress()
                        || address.isSiteLocalAddress()
                        || address.isMulticastAddress();
        byte[] bytes = address.getAddress();
        return !special && !(address instanceof Inet6Address ? special6(bytes) : special4(bytes));
    }

    private static boolean special4(byte[] bytes) {
        int a = bytes[0] & 0xff;
        int b = bytes[1] & 0xff;
        return a == 0 // "this network"
                || (a == 100 && b >= 64 && b < 128) // shared address space, RFC 6598
                || (a == 192 && b == 0 && bytes[2] == 0) // IETF protocol assignments
                || (a == 198 && (b == 18 || b == 19)) // benchmarking
                || a >= 240; // reserved, broadcast
    }

    private static boolean special6(byte[] bytes) {
        int a = bytes[0] & 0xff;
        int b = bytes[1] & 0xff;
        boolean global = (a & 0xe0) == 0x20; // 2000::/3, the only global unicast block in use
        boolean carriesIpv4 = a == 0x20 && b == 0x02; // 6to4
        boolean teredo = a == 0x20 && b == 0x01 && bytes[2] == 0 && bytes[3] == 0;
        return !global || carriesIpv4 || teredo;
    }
}
