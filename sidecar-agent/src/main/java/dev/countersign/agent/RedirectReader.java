package dev.countersign.agent;

import dev.countersign.agent.proxy.Protocol;
import dev.countersign.agent.proxy.RedirectConfig;
import dev.countersign.agent.redirect.RedirectSettings;
import dev.countersign.runtime.ConfigReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code mode} and {@code redirect}.
 *
 * <pre>{@code
 * mode: redirect                        # explicit | redirect
 * redirect:
 *   inboundPort: 15006                  # every address, both families
 *   outboundPort: 15001                 # loopback, both families
 *   protocol: auto                      # http | tcp | auto, of the application's ports
 *   ports: [ { port: 3306, protocol: tcp } ]
 *   egress:
 *     unmeshed: allow                   # allow | deny: plaintext to what the directory lists as such
 *     unlisted: deny                    # allow | deny: what the directory does not list, as it is
 * }</pre>
 */
final class RedirectReader {
    private static final Path IPV6 = Path.of("/proc/net/if_inet6");
    private static final int MAX_PORT = 0xffff;

    private final ConfigReader reader;

    RedirectReader(ConfigReader reader) {
        this.reader = reader;
    }

    private enum Mode {
        EXPLICIT,
        REDIRECT
    }

    private enum Choice {
        ALLOW,
        DENY
    }

    private record Port(int number, Protocol protocol) {}

    Optional<RedirectConfig> read() {
        Mode mode = reader.enumeration("mode", Mode.class).orDefault(Mode.EXPLICIT);
        int inbound = port("redirect.inboundPort", RedirectSettings.INBOUND_PORT);
        int outbound = port("redirect.outboundPort", RedirectSettings.OUTBOUND_PORT);
        RedirectConfig config =
                new RedirectConfig(
                        everywhere(inbound),
                        loopback(outbound),
                        reader.enumeration("redirect.protocol", Protocol.class)
                                .orDefault(Protocol.AUTO),
                        ports(),
                        new RedirectConfig.Egress(
                                allows("redirect.egress.unmeshed", Choice.ALLOW),
                                allows("redirect.egress.unlisted", Choice.DENY)),
                        Set.of());
        if (mode == Mode.EXPLICIT && reader.has("redirect")) {
            reader.problem("redirect", "given", "mode: redirect, or no redirect section");
        }
        return mode == Mode.REDIRECT ? Optional.of(config) : Optional.empty();
    }

    private int port(String key, int standard) {
        return Math.toIntExact(reader.integer(key, 1, MAX_PORT).orDefault((long) standard));
    }

    private boolean allows(String key, Choice standard) {
        return reader.enumeration(key, Choice.class).orDefault(standard) == Choice.ALLOW;
    }

    private Map<Integer, Protocol> ports() {
        Map<Integer, Protocol> ports = new HashMap<>();
        for (Port port : reader.list("redirect.ports", RedirectReader::one)) {
            if (ports.put(port.number(), port.protocol()) != null) {
                reader.problem("redirect.ports", port.number() + " twice", "each port once");
            }
        }
        return ports;
    }

    private static Port one(ConfigReader entry) {
        return new Port(
                Math.toIntExact(entry.integer("port", 1, MAX_PORT).required()),
                entry.enumeration("protocol", Protocol.class).required());
    }

    /** A socket of IPv6 takes IPv4 as well. */
    private static List<InetSocketAddress> everywhere(int port) {
        return List.of(
                new InetSocketAddress(InetAddress.ofLiteral(hasIpv6() ? "::" : "0.0.0.0"), port));
    }

    private static List<InetSocketAddress> loopback(int port) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        addresses.add(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        if (hasIpv6()) {
            addresses.add(new InetSocketAddress(InetAddress.ofLiteral("::1"), port));
        }
        return addresses;
    }

    private static boolean hasIpv6() {
        return Files.exists(IPV6);
    }
}
