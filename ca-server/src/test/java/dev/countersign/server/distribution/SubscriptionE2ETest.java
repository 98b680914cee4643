package dev.countersign.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.Snapshot;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.Acknowledgement;
import dev.countersign.wire.v1.ComponentState;
import dev.countersign.wire.v1.ConnectedAgent;
import dev.countersign.wire.v1.Denial;
import dev.countersign.wire.v1.DenialReport;
import dev.countersign.wire.v1.GetDenialRequest;
import dev.countersign.wire.v1.GetDenialResponse;
import dev.countersign.wire.v1.GetPolicyStatusRequest;
import dev.countersign.wire.v1.GetPolicyStatusResponse;
import dev.countersign.wire.v1.GetStatusRequest;
import dev.countersign.wire.v1.ListAgentsRequest;
import dev.countersign.wire.v1.SubscribeRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubscriptionE2ETest {
    private static final String WORKLOADS =
            """
            workloads:
            - {namespace: shop, serviceAccount: web, labels: {app: web}}
            directoryFile: directory.yaml
            """;

    private static final MutableClock CLOCK = MutableClock.create();

    @TempDir private static Path folder;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        RunningServer.prepare(folder, CLOCK);
        policy("shop", "for-web", "{selector: {matchLabels: {app: web}}}");
        policy("shop", "for-all", "{}");
        policy("shop", "for-cart", "{selector: {matchLabels: {app: cart}}}");
        policy("bank", "of-others", "{}");
        policy("countersign-system", "of-the-mesh", "{}");
        directory("orders.shop:8080", "127.0.0.1:9");
        server = RunningServer.start(folder, CLOCK, WORKLOADS);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aSnapshotHoldsWhatConcernsItsSubscriberAndNothingElse() {
        Svid web = server.svid("shop", "web", "web-1");

        Snapshot snapshot = subscribe(web).snapshot(server, web);

        assertThat(snapshot.policies())
                .extracting(AuthorizationPolicy::id)
                .contains("shop/for-web", "shop/for-all", "countersign-system/of-the-mesh")
                .doesNotContain("shop/for-cart", "bank/of-others");
        assertThat(snapshot.subject()).isEqualTo(web.peer().id());
        assertThat(snapshot.subscriber().podName()).isEqualTo("web-1");
        assertThat(snapshot.subscriber().labels()).containsEntry("app", "web");
        assertThat(snapshot.directory()).hasSize(1);
        assertThat(snapshot.issuedAt()).isEqualTo(CLOCK.instant());
    }

    @Test
    void anAgentThatHoldsAHigherRevisionGetsOneThatDoesNotGoBack() {
        Svid web = server.svid("shop", "web", "web-2");
        long held = CLOCK.instant().plus(Duration.ofHours(1)).toEpochMilli();

        AgentStream stream =
                AgentStream.open(server.connect(web))
                        .send(AgentStream.hello().setHeldRevision(held));

        assertThat(stream.snapshot(server, web).revision()).isGreaterThanOrEqualTo(held);
    }

    @Test
    void anEditedFileReachesTheAgentAsADelta() throws IOException {
        Svid web = server.svid("shop", "web", "web-3");
        AgentStream stream = subscribe(web);
        Snapshot first = stream.snapshot(server, web);

        policy("shop", "late", "{selector: {matchLabels: {app: web}}}");
        Snapshot second = stream.delta(server, first);

        assertThat(second.revision()).isGreaterThan(first.revision());
        assertThat(second.policies()).extracting(AuthorizationPolicy::id).contains("shop/late");
    }

    @Test
    void anEditedDirectoryReachesTheAgentWithoutARestartAndABadOneDoesNot() throws IOException {
        Svid web = server.svid("shop", "web", "web-directory");
        AgentStream stream = subscribe(web);
        Snapshot first = stream.snapshot(server, web);

        writeDirectory("directory: [{name: orders.shop:8080, endpoints: [{address: nowhere}]}]\n");
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(
                                        server.admin()
                                                .getStatus(GetStatusRequest.getDefaultInstance())
                                                .getComponentsList())
                                .anySatisfy(c -> {
                                    assertThat(c.getName()).isEqualTo("directory");
                                    assertThat(c.getState())
                                            .isEqualTo(ComponentState.COMPONENT_STATE_DEGRADED);
                                    assertThat(c.getReason()).contains("nowhere");
                                }));
        directory("orders.shop:8080", "127.0.0.1:10");
        Snapshot second = stream.delta(server, first);

        assertThat(second.revision()).isGreaterThan(first.revision());
        assertThat(second.directory())
                .flatExtracting(DirectoryEntry::endpoints)
                .extracting(endpoint -> endpoint.address().getPort())
                .containsExactly(10);
    }

    @Test
    void aBadFileLeavesTheLastGoodSetAndIsSaidInStatusAndHealth() throws IOException {
        long before = policyStatus().getRevision();

        write("broken.yaml", "apiVersion: countersign.dev/v1\nkind: Surprise\n");

        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(policyStatus().getRefusal()).contains("broken.yaml"));
        assertThat(policyStatus().getRevision()).isEqualTo(before);
        assertThat(policyStatus().getPoliciesList()).anyMatch(p -> p.contains("shop/for-web"));
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(
                                        server.admin()
                                                .getStatus(GetStatusRequest.getDefaultInstance())
                                                .getComponentsList())
                                .anySatisfy(c -> {
                                    assertThat(c.getName()).isEqualTo("policies");
                                    assertThat(c.getState())
                                            .isEqualTo(ComponentState.COMPONENT_STATE_DEGRADED);
                                    assertThat(c.getReason()).contains("broken.yaml");
                                }));

        Files.delete(folder.resolve("policies/broken.yaml"));
        Awaitility.await().untilAsserted(() -> assertThat(policyStatus().getRefusal()).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2, 'not before'", // an older epoch, once a newer one was loaded
        "-1, 3, 'not before'", // an older revision: replayed
        "1000000, 3, 'the last that was sent'", // one that was never sent
    })
    void anAcknowledgementOfWhatCannotBeSoEndsTheStream(long later, long epoch, String expected) {
        Svid web = server.svid("shop", "web", "web-8");
        AgentStream stream = subscribe(web);
        long revision = stream.snapshot(server, web).revision();

        stream.send(acknowledgement(revision, 3)).send(acknowledgement(revision + later, epoch));

        assertThat(stream.refusal().code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(stream.refusal().reason()).isEqualTo("ACKNOWLEDGEMENT_UNTRUE");
        assertThat(stream.refusal().message()).contains(expected);
    }

    private static SubscribeRequest.Builder acknowledgement(long revision, long epoch) {
        return SubscribeRequest.newBuilder()
                .setAcknowledgement(
                        Acknowledgement.newBuilder().setRevision(revision).setBundleEpoch(epoch));
    }

    @Test
    void anAcknowledgementShowsInTheListOfAgents() {
        Svid web = server.svid("shop", "web", "web-5");
        AgentStream stream = subscribe(web);
        Snapshot snapshot = stream.snapshot(server, web);
        assertThat(policyStatus().getAgentsEnforcing()).isZero();

        stream.send(
                SubscribeRequest.newBuilder()
                        .setAcknowledgement(
                                Acknowledgement.newBuilder()
                                        .setRevision(snapshot.revision())
                                        .setBundleEpoch(server.bundles().epoch())
                                        .setBundleHash("ab".repeat(32))
                                        .setLeafIssuerKeyId(web.peer().issuerKeyId())
                                        .setClockOffsetMillis(-250)));

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(agents("web-5").getFirst().getAcknowledgedRevision())
                                .isPositive());
        ConnectedAgent agent = agents("web-5").getFirst();
        assertThat(agent.getAcknowledgedRevision()).isEqualTo(snapshot.revision());
        assertThat(agent.getSentRevision()).isEqualTo(snapshot.revision());
        assertThat(agent.getClockOffsetMillis()).isEqualTo(-250);
        assertThat(agent.getSpiffeId()).isEqualTo(web.peer().id().toString());
        assertThat(agent.getPodName()).isEqualTo("web-5");
        assertThat(policyStatus().getAgentsEnforcing()).isEqualTo(1);
        assertThat(policyStatus().getAgentsTotal()).isPositive();
    }

    @Test
    void aDenialIsFoundUnderTheReportersOwnNameWhateverItSays() {
        Svid web = server.svid("shop", "web", "web-6");
        AgentStream stream = subscribe(web);
        stream.snapshot(server, web);

        stream.send(
                SubscribeRequest.newBuilder()
                        .setDenials(
                                DenialReport.newBuilder()
                                        .addDenials(
                                                denial("0123456789ABCDEFGHJK")
                                                        .setDestinationNamespace("bank")
                                                        .setDestinationServiceAccount("vault"))));

        Awaitility.await()
                .untilAsserted(() -> {
                    Denial found =
                            server.admin()
                                    .getDenial(
                                            GetDenialRequest.newBuilder()
                                                    .setId("0123456789ABCDEFGHJK")
                                                    .build())
                                    .getDenial();
                    assertThat(found.getDestinationNamespace()).isEqualTo("shop");
                    assertThat(found.getDestinationServiceAccount()).isEqualTo("web");
                    assertThat(found.getReason()).isEqualTo("no ALLOW policy matched");
                });
    }

    @Test
    void aReceiptSaysThatDenialsAreOnRecordAndTheSameOnesAgainAreKeptOnce() {
        Svid web = server.svid("shop", "web", "web-8");
        AgentStream stream = subscribe(web);
        stream.snapshot(server, web);
        SubscribeRequest.Builder report =
                SubscribeRequest.newBuilder()
                        .setDenials(
                                DenialReport.newBuilder()
                                        .setSequence(5)
                                        .addDenials(denial("0123456789ABCDEFGHJN").setCount(3)));

        for (int i = 0; i < 2; i++) {
            stream.send(report);

            assertThat(stream.next().getDenialReceipt().getSequence()).isEqualTo(5);
            GetDenialResponse found =
                    server.admin()
                            .getDenial(
                                    GetDenialRequest.newBuilder()
                                            .setId("0123456789ABCDEFGHJN")
                                            .build());
            assertThat(found.getDenial().getCount()).isEqualTo(3);
        }
    }

    @Test
    void aDenialOfAnImpossibleTimeIsRefusedAsMalformed() {
        Svid web = server.svid("shop", "web", "web-7");
        AgentStream stream = subscribe(web);
        stream.snapshot(server, web);

        stream.send(
                SubscribeRequest.newBuilder()
                        .setDenials(
                                DenialReport.newBuilder()
                                        .addDenials(
                                                denial("0123456789ABCDEFGHJM")
                                                        .setFirstSeen(
                                                                Timestamp.newBuilder()
                                                                        .setSeconds(
                                                                                Long.MAX_VALUE)))));

        assertThat(stream.refusal().code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(stream.refusal().reason()).isEqualTo("REQUEST_MALFORMED");
    }

    @Test
    void anAgentThatAcknowledgesInALoopIsCutOff() {
        Svid web = server.svid("shop", "web", "web-8");
        AgentStream stream = subscribe(web);
        Snapshot snapshot = stream.snapshot(server, web);

        for (int i = 0; i <= Subscriber.ACKNOWLEDGEMENTS_PER_SECOND; i++) {
            stream.send(
                    SubscribeRequest.newBuilder()
                            .setAcknowledgement(
                                    Acknowledgement.newBuilder().setRevision(snapshot.revision())));
        }

        assertThat(stream.refusal().code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(stream.refusal().reason()).isEqualTo("ACKNOWLEDGEMENT_RATE");
        Awaitility.await().untilAsserted(() -> assertThat(agents("web-8")).isEmpty());
    }

    @Test
    void theStreamEndsWithTheCertificate() {
        Svid web = server.svid("shop", "web", "web-9");
        AgentStream stream = subscribe(web);
        stream.snapshot(server, web);

        CLOCK.advance(Duration.ofMinutes(61));

        assertThat(stream.refusal().code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(stream.refusal().reason()).isEqualTo("SUBSCRIBER_CERTIFICATE_EXPIRED");
        assertThat(agents("web-9")).isEmpty();
    }

    private static AgentStream subscribe(Svid svid) {
        return AgentStream.open(server.connect(svid)).send(AgentStream.hello());
    }

    private static List<ConnectedAgent> agents(String pod) {
        return server
                .admin()
                .listAgents(ListAgentsRequest.getDefaultInstance())
                .getAgentsList()
                .stream()
                .filter(agent -> agent.getPodName().equals(pod))
                .toList();
    }

    private static GetPolicyStatusResponse policyStatus() {
        return server.admin().getPolicyStatus(GetPolicyStatusRequest.getDefaultInstance());
    }

    private static Denial.Builder denial(String id) {
        return Denial.newBuilder()
                .setId(id)
                .setFirstSeen(Timestamp.newBuilder().setSeconds(CLOCK.instant().getEpochSecond()))
                .setCount(1)
                .setSourcePrincipal("mesh.example/ns/shop/sa/guest")
                .setDestinationPort(8080)
                .setProtocol("http")
                .setReason("no ALLOW policy matched");
    }

    private static void directory(String name, String address) throws IOException {
        writeDirectory(
                "directory:\n- {name: \"%s\", endpoints: [{address: \"%s\"}]}\n"
                        .formatted(name, address));
    }

    private static void writeDirectory(String text) throws IOException {
        Path next = folder.resolve("directory.yaml.next");
        Files.writeString(next, text);
        Files.move(
                next,
                folder.resolve("directory.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static void policy(String namespace, String name, String spec) throws IOException {
        write(
                namespace + "-" + name + ".yaml",
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: NAME, namespace: NAMESPACE}
                spec: SPEC
                """
                        .replace("NAMESPACE", namespace)
                        .replace("NAME", name)
                        .replace("SPEC", spec));
    }

    /** As an editor saves: in one move. */
    private static void write(String name, String text) throws IOException {
        Path temporary = Files.writeString(folder.resolve("policies/." + name), text);
        Files.move(
                temporary,
                folder.resolve("policies").resolve(name),
                StandardCopyOption.ATOMIC_MOVE);
    }
}
