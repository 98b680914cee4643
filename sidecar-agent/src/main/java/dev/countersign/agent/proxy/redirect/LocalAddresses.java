package dev.countersign.agent.proxy.redirect;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of this network namespace, loopback left out. Read again, once a second at most, when
 * one is asked for that is not among them: an address may have come meanwhile.
 */
public final class LocalAddresses {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(LocalAddresses.class);

    private volatile Set<InetAddress> known = Set.of();
    private long read = System.nanoTime() - INTERVAL;

    public boolean contains(InetAddress address) {
        return known.contains(address) || (refresh() && known.contains(address));
    }

    private synchronized boolean refresh() {
        long now = System.nanoTime();
        if (now - read < INTERVAL) {
            return false;
        }
        read = now;
        try {
            known =
                    NetworkInterface.networkInterfaces()
                            .flatMap(NetworkInterface::inetAddresses)
                            .filter(address -> !address.isLoopbackAddress())
                            .collect(Collectors.toUnmodifiableSet());
            return true;
        } catch (SocketException unreadable) {
            LOG.atWarn().setCause(unreadable).log("addresses of this host cannot be read");
            return false;
        }
    }
}
