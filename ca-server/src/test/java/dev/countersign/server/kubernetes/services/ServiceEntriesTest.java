package dev.countersign.server.kubernetes.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.feed.Snapshot;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.MeshSettings;
import dev.countersign.server.distribution.ExportedService;
import dev.countersign.server.kubernetes.services.ServiceEntries.Name;
import dev.countersign.server.kubernetes.services.ServiceEntries.PodEndpoint;
import dev.countersign.server.kubernetes.services.ServiceEntries.Port;
import dev.countersign.server.kubernetes.services.ServiceEntries.ServiceObject;
import dev.countersign.server.kubernetes.services.ServiceEntries.SliceObject;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.wire.FeedCodec;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How Services and their slices become destinations. */
final class ServiceEntriesTest {
    private static final TrustDomain DOMAIN = new TrustDomain("mesh.example");
    private static final Name ORDERS = new Name("shop", "orders");

    private final Map<String, SpiffeId> meshed = new HashMap<>();
    private final ServiceEntries entries =
            new ServiceEntries(uid -> Optional.ofNullable(meshed.get(uid)));

    @Test
    void aSliceThatComesBeforeItsServiceIsNotLost() {
        entries.put(slice(ORDERS, "a", endpoint("10.1.0.1", "uid-1")));
        assertThat(entries.all()).isEmpty();

        entries.put(service(ORDERS, "10.0.0.1"));

        assertThat(only().endpoints()).hasSize(1);
    }

    @Test
    void anEndpointThatStandsInTwoSlicesIsOne() {
        entries.put(service(ORDERS, "10.0.0.1"));
        entries.put(slice(ORDERS, "a", endpoint("10.1.0.1", "uid-1")));
        entries.put(slice(ORDERS, "b", endpoint("10.1.0.1", "uid-1")));
        assertThat(only().endpoints()).hasSize(1);

        entries.removeSlice(ORDERS, "a");
        assertThat(only().endpoints()).hasSize(1);
        entries.removeSlice(ORDERS, "b");
        assertThat(only().endpoints()).isEmpty();
    }

    @Test
    void aPodThatLosesItsAgentIsMeshedNoMore() {
        meshed.put("uid-1", SpiffeId.parse("spiffe://mesh.example/ns/shop/sa/orders"));
        entries.put(service(ORDERS, "10.0.0.1"));
        entries.put(slice(ORDERS, "a", endpoint("10.1.0.1", "uid-1")));
        assertThat(only().endpoints().getFirst().peer()).isPresent();

        meshed.clear();
        entries.podChanged("uid-1");

        assertThat(only().endpoints().getFirst().peer()).isEmpty();
    }

    /** Prints what an agent's first snapshot costs; a message to an agent has 16 MiB at most. */
    @Test
    void tenThousandServicesFitIntoOneSnapshot() {
        int services = 10_000;
        for (int i = 0; i < services; i++) {
            Name name = new Name("team-" + i % 200, "service-" + i);
            entries.put(service(name, "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)));
            PodEndpoint[] endpoints = new PodEndpoint[3];
            for (int j = 0; j < endpoints.length; j++) {
                int n = i * 3 + j;
                String uid = "uid-" + n;
                meshed.put(
                        uid,
                        SpiffeId.of(
                                DOMAIN, new ServiceAccountName(name.namespace(), "service-" + i)));
                endpoints[j] =
                        endpoint("10.1" + (n >> 16) + "." + (n >> 8 & 255) + "." + (n & 255), uid);
            }
            entries.put(slice(name, "a", endpoints));
        }
        List<DirectoryEntry> directory =
                entries.all().stream().map(ExportedService::entry).toList();

        int bytes =
                FeedCodec.encode(snapshot(directory)).length
                        - FeedCodec.encode(snapshot(List.of())).length;
        System.out.printf(
                "directory of %d Services with 3 endpoints each: %d bytes an agent, %d a Service%n",
                services, bytes, bytes / services);

        assertThat(directory).hasSize(services);
        assertThat(bytes).isLessThan(8 * 1024 * 1024);
    }

    private DirectoryEntry only() {
        return entries.all().getFirst().entry();
    }

    private static Snapshot snapshot(List<DirectoryEntry> directory) {
        ServiceAccountName web = new ServiceAccountName("shop", "web");
        return new Snapshot(
                DOMAIN,
                SpiffeId.of(DOMAIN, web),
                1,
                Instant.EPOCH,
                List.of(),
                new SignedTrustBundle(new byte[1], "k", new byte[1]),
                List.of(),
                directory,
                new AgentSettings(
                        MeshSettings.countersign("root", DOMAIN.name()),
                        OnPeerCertificateExpiry.KEEP,
                        Optional.empty()),
                new SubscriberRecord(web, "web-0", "uid", Map.of()));
    }

    private static ServiceObject service(Name name, String address) {
        return new ServiceObject(
                name,
                List.of(InetAddress.ofLiteral(address)),
                List.of(new Port("http", 80, DirectoryEntry.Protocol.HTTP)),
                Set.of());
    }

    private static SliceObject slice(Name service, String name, PodEndpoint... endpoints) {
        return new SliceObject(service, name, Map.of("http", 8080), List.of(endpoints));
    }

    private static PodEndpoint endpoint(String address, String uid) {
        return new PodEndpoint(InetAddress.ofLiteral(address), uid, true);
    }
}
