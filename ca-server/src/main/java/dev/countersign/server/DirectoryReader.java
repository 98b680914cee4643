package dev.countersign.server;

import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.SocketText;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.runtime.ConfigReader;
import dev.countersign.server.distribution.ExportedService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code directory}: services and where they are, where no Kubernetes says so.
 *
 * <pre>{@code
 * directory:
 * - name: orders.shop:80
 *   addresses: ["10.96.0.10:80"]      # stand for the service as a whole
 *   protocol: http                    # auto | http | tcp
 *   exportTo: [shop, ops]             # default: every namespace
 *   endpoints:
 *   - {address: "10.1.0.7:8080", spiffeId: "spiffe://example.org/ns/shop/sa/orders"}
 *   - {address: "10.1.0.8:8080"}      # without spiffeId: not meshed; ready: false takes it out
 * }</pre>
 */
final class DirectoryReader {
    private static final InetSocketAddress MISSING =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    private final ConfigReader reader;

    DirectoryReader(ConfigReader reader) {
        this.reader = reader;
    }

    List<ExportedService> read() {
        List<ExportedService> services = reader.list("directory", this::service);
        Set<String> names = new HashSet<>();
        Map<InetSocketAddress, String> owners = new HashMap<>();
        for (ExportedService service : services) {
            DirectoryEntry entry = service.entry();
            if (!names.add(entry.name())) {
                reader.problem("directory", entry.name() + " twice", "each name once");
            }
            for (InetSocketAddress address : entry.addresses()) {
                String other = owners.putIfAbsent(address, entry.name());
                if (other != null) {
                    reader.problem(
                            "directory",
                            SocketText.of(address) + " of " + other + " and of " + entry.name(),
                            "each of addresses once");
                }
            }
        }
        return services;
    }

    private ExportedService service(ConfigReader entry) {
        String name = entry.string("name").required();
        return new ExportedService(
                entry(
                        name.isEmpty() ? "missing" : name,
                        addresses(entry),
                        entry.enumeration("protocol", DirectoryEntry.Protocol.class)
                                .orDefault(DirectoryEntry.Protocol.AUTO),
                        entry.list("endpoints", DirectoryReader::endpoint)),
                namespaces(entry));
    }

    private DirectoryEntry entry(
            String name,
            List<InetSocketAddress> addresses,
            DirectoryEntry.Protocol protocol,
            List<DirectoryEntry.Endpoint> endpoints) {
        try {
            return new DirectoryEntry(name, addresses, protocol, endpoints);
        } catch (IllegalArgumentException tooMuch) {
            reader.problem("directory", String.valueOf(tooMuch.getMessage()), "fewer");
            return new DirectoryEntry("missing", List.of(), protocol, List.of());
        }
    }

    private List<InetSocketAddress> addresses(ConfigReader entry) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String text : entry.strings("addresses")) {
            try {
                addresses.add(SocketText.parse(text));
            } catch (IllegalArgumentException wrong) {
                reader.problem("directory.addresses", text, "ip:port, IPv6 in brackets");
            }
        }
        return addresses;
    }

    private Set<String> namespaces(ConfigReader entry) {
        Set<String> namespaces = new HashSet<>();
        for (String text : entry.strings("exportTo")) {
            if (ServiceAccountName.isNamespace(text)) {
                namespaces.add(text);
            } else {
                reader.problem("directory.exportTo", text, "a Kubernetes namespace");
            }
        }
        return namespaces;
    }

    private static DirectoryEntry.Endpoint endpoint(ConfigReader entry) {
        return new DirectoryEntry.Endpoint(
                entry.value("address", MISSING, "ip:port", SocketText::parse).required(),
                entry.value(
                                "spiffeId",
                                SpiffeId.parse("spiffe://missing/x"),
                                "a SPIFFE ID",
                                SpiffeId::parse)
                        .optional(),
                entry.bool("ready").orDefault(true));
    }
}
