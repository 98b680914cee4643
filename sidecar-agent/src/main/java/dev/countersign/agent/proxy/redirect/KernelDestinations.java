package dev.countersign.agent.proxy.redirect;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By {@code SO_ORIGINAL_DST} of netfilter (linux/netfilter_ipv4.h) and its sibling for IPv6. With nat
 * rules loaded a connection that was not redirected has an entry, too: it names the listener itself.
 */
public final class KernelDestinations implements OriginalDestinations {
    private static final int OPTION = 80;
    private static final int IPV4_LEVEL = 0;
    private static final int IPV6_LEVEL = 41;
    private static final int IPV4_LENGTH = 16;
    private static final int IPV6_LENGTH = 28;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SCOPE_AT = 24;

    private static final RawUnixChannelOption IPV4 =
            new RawUnixChannelOption("SO_ORIGINAL_DST", IPV4_LEVEL, OPTION, IPV4_LENGTH);
    private static final RawUnixChannelOption IPV6 =
            new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", IPV6_LEVEL, OPTION, IPV6_LENGTH);

    private static final Logger LOG = LoggerFactory.getLogger(KernelDestinations.class);

    @Override
    public Optional<InetSocketAddress> of(Channel accepted) {
        boolean six =
                accepted.localAddress() instanceof InetSocketAddress local
                        && local.getAddress() instanceof Inet6Address;
        try {
            ByteBuffer address = accepted.config().getOption(six ? IPV6 : IPV4);
            return address == null ? Optional.empty() : parse(address);
        } catch (ChannelException noEntry) {
            LOG.atDebug()
                    .addKeyValue("remote", accepted.remoteAddress())
                    .addKeyValue("reason", noEntry.getMessage())
                    .log("no original destination");
            return Optional.empty();
        }
    }

    /** A {@code sockaddr_in} or {@code sockaddr_in6}; empty for anything else. */
    static Optional<InetSocketAddress> parse(ByteBuffer raw) {
        ByteBuffer in = raw.duplicate().order(ByteOrder.nativeOrder());
        int start = in.position();
        int length = in.remaining();
        int family = length >= Short.BYTES ? in.getShort(start) : 0;
        try {
            if (family == AF_INET && length >= IPV4_LENGTH) {
                return Optional.of(
                        new InetSocketAddress(
                                InetAddress.getByAddress(octets(in, start + 4, 4)), port(in)));
            }
            if (family == AF_INET6 && length >= IPV6_LENGTH) {
                return Optional.of(
                        new InetSocketAddress(
                                ipv6(octets(in, start + 8, 16), in.getInt(start + SCOPE_AT)),
                                port(in)));
            }
            return Optional.empty();
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException("address: of a fixed length", wrongLength);
        }
    }

    private static InetAddress ipv6(byte[] address, int scope) throws UnknownHostException {
        InetAddress plain = InetAddress.getByAddress(address);
        return plain instanceof Inet6Address && plain.isLinkLocalAddress() && scope != 0
                ? Inet6Address.getByAddress(null, address, scope)
                : plain;
    }

    private static int port(ByteBuffer in) {
        return in.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(in.position() + 2) & 0xffff;
    }

    private static byte[] octets(ByteBuffer in, int at, int length) {
        byte[] octets = new byte[length];
        in.get(at, octets);
        return octets;
    }
}
