package dev.countersign.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.countersign.feed.FederatedBundle;
import dev.countersign.feed.Snapshot;
import dev.countersign.server.bundleendpoint.SpiffeBundle;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.OpenSsl;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.trust.FederatedBundles;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.v1.ChangeStandbyRootRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers of two trust domains, each believing what the other's bundle endpoint says. */
final class FederationE2ETest {
    private static final String PARTNER = "trustDomain: partner.example";
    private static final String ENDPOINT =
            "bundleEndpoint: {listen: \"127.0.0.1:0\", refreshHint: 10s}";

    @TempDir Path folder;
    @TempDir Path partnerFolder;

    @Test
    void workloadsOfAnotherDomainAreBelievedByItsOwnRootsAlone() throws Exception {
        try (RunningServer partner = partner();
                RunningServer server = federated(partner)) {
            Svid web = server.svid("shop", "web", "web-0");
            Svid theirs = partner.svid("billing", "ledger", "ledger-0");
            AgentStream agent = AgentStream.open(server.connect(web)).send(AgentStream.hello());
            Snapshot held = agent.snapshot(server, web);

            FederatedBundle bundle = held.federated().getFirst();

            assertThat(held.federated()).hasSize(1);
            assertThat(bundle.trustDomain()).isEqualTo(partner.trustDomain());
            assertThat(bundle.roots()).isEqualTo(partner.bundles().current().roots());
            FederatedBundles believed = new FederatedBundles(server.bundles());
            SvidVerifier verifier = new SvidVerifier(believed, InstantSource.system());
            assertThat(refusal(verifier, theirs)).isEqualTo(Refusal.UNKNOWN_TRUST_DOMAIN);
            believe(believed, held);
            assertThat(verifier.verify(theirs.chain()).id().toString())
                    .isEqualTo("spiffe://partner.example/ns/billing/sa/ledger");
            assertThat(verifier.verify(web.chain()).id()).isEqualTo(web.peer().id());

            // What the partner's server would have to say of ours counts for nothing here.
            believed.set(
                    List.of(
                            FederatedBundles.of(
                                    partner.trustDomain(), server.bundles().current().roots(), 1)));
            assertThat(refusal(verifier, theirs)).isEqualTo(Refusal.UNTRUSTED_ISSUER);
        }
    }

    @Test
    void theirNextRootArrivesByItselfAndTheLastGoodBundleStaysWhileTheyAreAway() throws Exception {
        RunningServer partner = partner();
        try (RunningServer server = federated(partner)) {
            Svid web = server.svid("shop", "web", "web-0");
            AgentStream agent = AgentStream.open(server.connect(web)).send(AgentStream.hello());
            Snapshot held = agent.snapshot(server, web);
            partner.admin()
                    .changeStandbyRoot(ChangeStandbyRootRequest.newBuilder().setAdd(true).build());

            assertThat(refresh(server, 0)).contains("partner.example", "2");

            Snapshot next = agent.delta(server, held);
            assertThat(next.federated().getFirst().roots()).hasSize(2);
            assertThat(next.federated().getFirst().sequence()).isEqualTo(2);
            partner.close();
            assertThat(refresh(server, 1)).contains("FEDERATION_UNREACHABLE");
            await().untilAsserted(() ->
                    assertThat(
                                    CommandRun.of(
                                                    "server",
                                                    "status",
                                                    "--admin",
                                                    server.adminSocket().toString())
                                            .out())
                            .contains("FEDERATION_UNREACHABLE"));
        }
        try (RunningServer again = started(folder, config(1))) {
            Svid web = again.svid("shop", "web", "web-1");
            Snapshot kept =
                    AgentStream.open(again.connect(web))
                            .send(AgentStream.hello())
                            .snapshot(again, web);
            assertThat(kept.federated().getFirst().roots()).hasSize(2);
        }
    }

    @Test
    void anEndpointThatIsSomebodyElseIsNotBelieved() throws Exception {
        try (RunningServer partner = partner();
                RunningServer stranger =
                        started(
                                Files.createDirectory(partnerFolder.resolve("stranger")),
                                PARTNER,
                                ENDPOINT)) {
            bundleFile(partner);
            int port = stranger.server().bundleEndpointPort().orElseThrow();
            try (RunningServer server = started(folder, config(port))) {
                assertThat(refresh(server, 1)).contains("FEDERATION_NOT_BELIEVED");
            }
        }
    }

    @Test
    void anEndpointOnTheWebIsBelievedByItsNameAndTheRootsThatWereGivenForIt() throws Exception {
        OpenSsl web = new OpenSsl(folder.resolve("web"), "/CN=Web root", 30);
        web.webServer("localhost");
        try (RunningServer partner = onTheWeb("partner", "localhost");
                RunningServer server = started(folder, webConfig(partner, web.root()))) {
            assertThat(refresh(server, 0)).contains("partner.example", "https_web");
            Svid own = server.svid("shop", "web", "web-0");
            Svid theirs = partner.svid("billing", "ledger", "ledger-0");

            Snapshot held =
                    AgentStream.open(server.connect(own))
                            .send(AgentStream.hello())
                            .snapshot(server, own);

            FederatedBundles believed = new FederatedBundles(server.bundles());
            believe(believed, held);
            assertThat(
                            new SvidVerifier(believed, InstantSource.system())
                                    .verify(theirs.chain())
                                    .id()
                                    .trustDomain())
                    .isEqualTo(partner.trustDomain());
        }
    }

    @Test
    void anEndpointOnTheWebOfAnotherNameOrUnderAnotherRootIsNotBelieved() throws Exception {
        OpenSsl web = new OpenSsl(folder.resolve("web"), "/CN=Web root", 30);
        OpenSsl other = new OpenSsl(folder.resolve("other"), "/CN=Web root", 30);
        web.webServer("localhost");
        web.webServer("other.example");
        try (RunningServer partner = onTheWeb("partner", "localhost");
                RunningServer misnamed = onTheWeb("misnamed", "other.example")) {
            Path one = Files.createDirectory(folder.resolve("one"));
            try (RunningServer server = started(one, webConfig(partner, other.root()))) {
                assertThat(refresh(server, 1)).contains("https_web", "FEDERATION_UNREACHABLE");
            }
            Path two = Files.createDirectory(folder.resolve("two"));
            try (RunningServer server = started(two, webConfig(misnamed, web.root()))) {
                assertThat(refresh(server, 1)).contains("https_web", "FEDERATION_UNREACHABLE");
            }
        }
    }

    /** With a certificate for {@code host} by the web's root. */
    private RunningServer onTheWeb(String name, String host) throws Exception {
        return started(
                Files.createDirectory(partnerFolder.resolve(name)),
                PARTNER,
                "bundleEndpoint: {listen: \"127.0.0.1:0\", refreshHint: 10s, profile: https_web,"
                        + " certificateFile: %1$s/web/%2$s.pem, keyFile: %1$s/web/%2$s.key}"
                                .formatted(folder, host));
    }

    private static String webConfig(RunningServer partner, Path roots) {
        return "federation: [{trustDomain: partner.example, profile: https_web, url:"
                + " \"https://localhost:"
                + partner.server().bundleEndpointPort().orElseThrow()
                + "/\", caFile: "
                + roots
                + "}]";
    }

    private RunningServer partner() throws Exception {
        return started(Files.createDirectory(partnerFolder.resolve("partner")), PARTNER, ENDPOINT);
    }

    private static RunningServer started(Path folder, String... more) throws Exception {
        return RunningServer.start(folder, InstantSource.system(), more);
    }

    private RunningServer federated(RunningServer partner) throws Exception {
        bundleFile(partner);
        return started(folder, config(partner.server().bundleEndpointPort().orElseThrow()));
    }

    /** As it was handed over by another way than the network. */
    private void bundleFile(RunningServer partner) throws IOException {
        Files.write(
                folder.resolve("partner.json"),
                SpiffeBundle.encode(partner.bundles().current(), Duration.ofSeconds(10)));
    }

    private String config(int port) {
        return "federation: [{trustDomain: partner.example, profile: https_spiffe, url:"
                + " \"https://localhost:"
                + port
                + "/\", endpointId: \"spiffe://partner.example/countersign/ca-server\","
                + " bundleFile: "
                + folder.resolve("partner.json")
                + "}]";
    }

    private static String refresh(RunningServer server, int code) {
        CommandRun done =
                CommandRun.of(
                        "federation",
                        "refresh",
                        "partner.example",
                        "--admin",
                        server.adminSocket().toString());
        assertThat(done.code()).as(done.err() + done.out()).isEqualTo(code);
        return done.out();
    }

    private static void believe(FederatedBundles believed, Snapshot held) {
        believed.set(
                held.federated().stream()
                        .map(one ->
                                FederatedBundles.of(one.trustDomain(), one.roots(), one.sequence()))
                        .toList());
    }

    private static Refusal refusal(SvidVerifier verifier, Svid svid) {
        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> verifier.verify(svid.chain()));
        return refused.refusal();
    }
}
