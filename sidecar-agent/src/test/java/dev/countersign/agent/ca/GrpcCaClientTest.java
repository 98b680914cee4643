package dev.countersign.agent.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.ca.IssueOutcome.Issued;
import dev.countersign.agent.ca.IssueOutcome.Refused;
import dev.countersign.agent.ca.IssueOutcome.Unavailable;
import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.testing.TestBundles;
import dev.countersign.agent.testing.TestCa;
import dev.countersign.agent.testing.TestFeed;
import dev.countersign.agent.testing.TestRequests;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.v1.ErrorDetail;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrpcCaClientTest {
    private static final String TOKEN = "head.body.signature";

    @TempDir Path directory;

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final BundleKeeper bundles = TestBundles.keeper(authority, clock);
    private final ClockOffset offset = new ClockOffset();
    private final EventLoops loops = EventLoops.create();
    private final KeyPair pair = authority.newKeyPair();
    private final byte[] csr = TestRequests.csr(pair);

    @BeforeEach
    void writeToken() throws IOException {
        Files.writeString(directory.resolve("token"), TOKEN);
    }

    @AfterEach
    void stopLoops() {
        loops.close();
    }

    @Test
    void getsACertificateForTheKeyAndTellsTheServerTheToken() {
        try (TestCa ca = TestCa.start(authority, clock)) {
            IssueOutcome outcome = client(ca.address()).issue(csr, Optional.empty());

            assertThat(outcome).isInstanceOf(Issued.class);
            Issued issued = (Issued) outcome;
            assertThat(issued.chain().getFirst().getPublicKey()).isEqualTo(pair.getPublic());
            assertThat(issued.refresh().notBefore()).isEqualTo(clock.instant().plusSeconds(1800));
            assertThat(ca.tokens()).containsExactly(TOKEN);
            assertThat(ca.peers()).containsExactly(Optional.empty());
        }
    }

    @Test
    void authenticatesARenewalWithTheCurrentCertificate() {
        TestCertificate current = authority.leaf("/ns/shop/sa/web").build();
        try (TestCa ca = TestCa.start(authority, clock)) {
            client(ca.address())
                    .issue(csr, Optional.of(new ClientIdentity(current.chain(), current.key())));

            assertThat(ca.peers()).hasSize(1);
            assertThat(ca.peers().getFirst().orElseThrow().getSerialNumber())
                    .isEqualTo(current.certificate().getSerialNumber());
        }
    }

    @Test
    void aWorkloadsCertificatePosingAsTheCaReceivesNoToken() {
        TestCertificate workload = authority.leaf("/ns/shop/sa/web").build();
        try (TestCa impostor = new TestCa(authority, workload, clock, new TestFeed())) {
            impostor.start();

            IssueOutcome outcome = client(impostor.address()).issue(csr, Optional.empty());

            assertThat(outcome).isInstanceOf(Unavailable.class);
            assertThat(((Unavailable) outcome).waitingFor())
                    .contains("UNEXPECTED_PEER", "/ns/shop/sa/web", "/countersign/ca-server");
            assertThat(impostor.tokens()).isEmpty();
        }
    }

    @Test
    void aServerOfAnotherRootWithTheRightNameReceivesNoToken() {
        TestAuthority stranger = TestAuthority.create("example.org", clock, 2);
        try (TestCa impostor = TestCa.start(stranger, clock)) {
            IssueOutcome outcome = client(impostor.address()).issue(csr, Optional.empty());

            assertThat(outcome).isInstanceOf(Unavailable.class);
            assertThat(impostor.tokens()).isEmpty();
            assertThat(bundles.epoch()).as("its bundle is not believed").isZero();
        }
    }

    @Test
    void findsItsWayToNewRootsByTheBundlesSignature() {
        TestCertificate nextRoot = authority.newRoot().build();
        TestCertificate server =
                authority
                        .leaf("/countersign/ca-server")
                        .issuedBy(authority.newIntermediate(nextRoot).build())
                        .build();
        try (TestCa ca = new TestCa(authority, server, clock, new TestFeed())) {
            ca.bundle(
                    TestBundles.sign(
                            authority.bundle(2, nextRoot, authority.root()),
                            authority.bundleSigner()));
            ca.start();

            IssueOutcome outcome = client(ca.address()).issue(csr, Optional.empty());

            assertThat(outcome).isInstanceOf(Issued.class);
            assertThat(bundles.epoch()).isEqualTo(2);
            assertThat(ca.tokens()).containsExactly(TOKEN);
        }
    }

    @Test
    void findsItsWayToABundleSigningKeyThatItNeverHeardOf() {
        KeyPair second = authority.newKeyPair();
        KeyPair third = authority.newKeyPair();
        try (TestCa ca = TestCa.start(authority, clock)) {
            ca.bundle(TestBundles.sign(keyed(6, third, Optional.empty()), third));
            IssueOutcome asleep = client(ca.address()).issue(csr, Optional.empty());
            assertThat(asleep)
                    .as("the certificate is good all the same")
                    .isInstanceOf(Issued.class);
            assertThat(bundles.epoch()).as("nobody vouches for that key").isZero();
            ca.handovers(
                    TestBundles.sign(
                            keyed(2, authority.bundleSigner(), Optional.of(second)),
                            authority.bundleSigner()),
                    TestBundles.sign(keyed(4, second, Optional.of(third)), second));

            client(ca.address()).issue(csr, Optional.empty());

            assertThat(bundles.epoch()).isEqualTo(6);
        }
    }

    private TrustBundle keyed(long epoch, KeyPair key, Optional<KeyPair> next) {
        TrustBundle bundle = authority.bundle(epoch, authority.root());
        return new TrustBundle(
                bundle.trustDomain(),
                epoch,
                bundle.issuedAt(),
                bundle.expires(),
                bundle.roots(),
                List.of(key.getPublic()),
                next.map(KeyPair::getPublic));
    }

    @Test
    void asksTheNextReplicaWhenOneHasLeft() {
        TestCa one = TestCa.start(authority, clock);
        try (TestCa other = TestCa.start(authority, clock)) {
            GrpcCaClient client = client(one.address() + "," + other.address());
            assertThat(client.issue(csr, Optional.empty())).isInstanceOf(Issued.class);

            one.close();

            for (int i = 0; i < 3; i++) {
                assertThat(client.issue(csr, Optional.empty())).isInstanceOf(Issued.class);
            }
            assertThat(other.tokens()).hasSizeGreaterThanOrEqualTo(3);
        } finally {
            one.close();
        }
    }

    @Test
    void asksTheNextReplicaWhenOneTakesConnectionsAndDoesNotAnswer() throws IOException {
        // The kernel takes connections for a process that is paused.
        try (ServerSocket paused = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                TestCa other = TestCa.start(authority, clock)) {
            String addresses = "127.0.0.1:" + paused.getLocalPort() + "," + other.address();
            // Each client draws its order: that none draws the paused one first happens once in 64.
            for (int i = 0; i < 6; i++) {
                GrpcCaClient client = client(addresses, Duration.ofMillis(700));
                client.issue(csr, Optional.empty());
                assertThat(client.issue(csr, Optional.empty())).isInstanceOf(Issued.class);
            }
        }
    }

    @Test
    void agentsSpreadOverTheReplicas() {
        try (TestCa one = TestCa.start(authority, clock);
                TestCa other = TestCa.start(authority, clock)) {
            // Each client draws its order: that 24 draw the same happens once in 8 million.
            for (int i = 0; i < 24; i++) {
                client(one.address() + "," + other.address()).issue(csr, Optional.empty());
            }

            assertThat(one.tokens()).isNotEmpty();
            assertThat(other.tokens()).isNotEmpty();
        }
    }

    @Test
    void saysNobodyIsThere() {
        TestCa ca = TestCa.start(authority, clock);
        String address = ca.address();
        ca.close();

        IssueOutcome outcome = client(address).issue(csr, Optional.empty());

        assertThat(((Unavailable) outcome).waitingFor()).contains(address, "refused");
    }

    @Test
    void asksNobodyWithoutAToken() throws IOException {
        Files.delete(directory.resolve("token"));
        try (TestCa ca = TestCa.start(authority, clock)) {
            IssueOutcome outcome = client(ca.address()).issue(csr, Optional.empty());

            assertThat(((Unavailable) outcome).waitingFor()).contains("token file", "not there");
            assertThat(ca.tokens()).isEmpty();
        }
    }

    @Test
    void hearsWhyItIsRefusedAndWhenToComeBack() {
        try (TestCa ca = TestCa.start(authority, clock)) {
            ca.refuse(
                    ErrorDetail.newBuilder()
                            .setReason("TOKEN_EXPIRED")
                            .setMessage("exp: 2026\nforged line (expected: later)")
                            .setRetryAfterMillis(1500)
                            .build());

            IssueOutcome outcome = client(ca.address()).issue(csr, Optional.empty());

            assertThat(outcome)
                    .isEqualTo(
                            new Refused(
                                    "TOKEN_EXPIRED",
                                    "exp: 2026?forged line (expected: later)",
                                    Optional.of(Duration.ofMillis(1500))));
        }
    }

    @Test
    void measuresTheClocksOffset() {
        try (TestCa ca = TestCa.start(authority, clock)) {
            ca.ahead(Duration.ofMinutes(5));

            client(ca.address()).issue(csr, Optional.empty());

            assertThat(offset.current()).contains(Duration.ofMinutes(-5));
            assertThat(offset.tooFar()).isTrue();
        }
    }

    private GrpcCaClient client(String address) {
        return client(address, Duration.ofSeconds(10));
    }

    private GrpcCaClient client(String address, Duration deadline) {
        CaAddress ca = CaAddress.parse(address, WellKnownIds.caServer(authority.trustDomain()));
        return new GrpcCaClient(
                new CaChannels(
                        ca,
                        new SvidVerifier(bundles, clock),
                        DenyList.EMPTY,
                        new RootCounter(clock),
                        loops),
                new BootstrapToken(directory.resolve("token")),
                bundles::offer,
                offset,
                clock,
                deadline);
    }
}
