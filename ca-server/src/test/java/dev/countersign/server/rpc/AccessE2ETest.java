package dev.countersign.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.AdminServiceGrpc;
import dev.countersign.wire.v1.GetStatusRequest;
import dev.countersign.wire.v1.GetTrustBundleRequest;
import dev.countersign.wire.v1.IssuanceServiceGrpc;
import dev.countersign.wire.v1.SubscribeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessE2ETest {
    private static final MutableClock CLOCK = MutableClock.create();

    @TempDir private static Path folder;

    @TempDir private static Path foreignFolder;

    private static RunningServer server;
    private static Svid web;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(folder, CLOCK);
        web = server.svid("shop", "web", "web-0");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aClientThatExpectsAnotherServerHangsUp() {
        SpiffeId another = RunningServer.id("shop", "web");

        StatusRuntimeException failed =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                RunningServer.issue(
                                        server.connect(Optional.empty(), another),
                                        server.token("shop", "web", "web-0"),
                                        Csrs.of(Csrs.p256())));

        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(failed)
                .hasStackTraceContaining(WellKnownIds.caServer(RunningServer.TRUST_DOMAIN) + "");
    }

    @Test
    void aCallerWithoutCertificateIsNoOperator() {
        Refusal refusal = admin(server.connect());

        assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal.reason()).isEqualTo("ADMIN_NOT_OPERATOR");
    }

    @Test
    void aWorkloadIsNoOperatorAndItsTryIsLogged() {
        Refusal refusal = admin(server.connect(web));

        assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal.reason()).isEqualTo("ADMIN_NOT_OPERATOR");
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(server.log("ADMIN_CALL"))
                                .anySatisfy(e ->
                                        assertThat(e.getIdentity() + e.getBody())
                                                .contains(web.peer().id() + "")
                                                .contains("GetStatus")
                                                .contains("false")));
    }

    @Test
    void theAdminSocketIsForItsOwnerAlone() throws Exception {
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(server.adminSocket())))
                .isEqualTo("rw-------");
        assertThat(server.admin().getStatus(GetStatusRequest.getDefaultInstance()).getReady())
                .isTrue();
    }

    @Test
    void aClientCertificateOfAForeignTrustDomainEndsTheHandshake() throws Exception {
        try (RunningServer foreign = RunningServer.start(foreignFolder, CLOCK)) {
            // Same names, other root: it is the signature that counts.
            Svid stranger = foreign.svid("shop", "web", "web-0");

            StatusRuntimeException failed =
                    catchThrowableOfType(
                            StatusRuntimeException.class,
                            () ->
                                    IssuanceServiceGrpc.newBlockingStub(server.connect(stranger))
                                            .getTrustBundle(
                                                    GetTrustBundleRequest.getDefaultInstance()));

            assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(RunningServer.refusal(failed).reason()).isEmpty();
        }
    }

    @Test
    void anExpiredClientCertificateEndsTheHandshake() throws Exception {
        MutableClock clock = MutableClock.create();
        Path own = Files.createDirectory(folder.resolve("expired"));
        try (RunningServer short1 = RunningServer.start(own, clock)) {
            Svid svid = short1.svid("shop", "web", "web-0");
            clock.advance(Duration.ofMinutes(61));
            Awaitility.await().untilAsserted(() -> short1.svid("shop", "web", "web-0"));

            StatusRuntimeException failed =
                    catchThrowableOfType(
                            StatusRuntimeException.class,
                            () ->
                                    IssuanceServiceGrpc.newBlockingStub(short1.connect(svid))
                                            .getTrustBundle(
                                                    GetTrustBundleRequest.getDefaultInstance()));

            assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void aSubscriberWithoutCertificateIsRefused() {
        Refusal refusal = AgentStream.open(server.connect()).send(AgentStream.hello()).refusal();

        assertThat(refusal.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal.reason()).isEqualTo("SUBSCRIBER_WITHOUT_CERTIFICATE");
    }

    @Test
    void aHelloOfAnotherProtocolVersionIsRefused() {
        Refusal refusal =
                AgentStream.open(server.connect(web))
                        .send(AgentStream.hello().setProtocolVersion(2))
                        .refusal();

        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.reason()).isEqualTo("HELLO_PROTOCOL_VERSION");
    }

    @Test
    void aStreamThatDoesNotBeginWithHelloIsRefused() {
        assertThat(
                        AgentStream.open(server.connect(web))
                                .send(SubscribeRequest.newBuilder())
                                .refusal()
                                .reason())
                .isEqualTo("HELLO_MISSING");
    }

    @Test
    void aHelloWithoutInstanceIsRefused() {
        assertThat(
                        AgentStream.open(server.connect(web))
                                .send(AgentStream.hello().setInstanceId(""))
                                .refusal()
                                .reason())
                .isEqualTo("HELLO_INSTANCE_ID");
    }

    @Test
    void aRevisionFromTheFarFutureIsRefused() {
        Refusal refusal =
                AgentStream.open(server.connect(web))
                        .send(AgentStream.hello().setHeldRevision(Long.MAX_VALUE))
                        .refusal();

        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.reason()).isEqualTo("HELLO_REVISION");
    }

    @Test
    void aSecondHelloEndsTheStream() {
        Svid self = server.svid("shop", "twice", "twice-0");
        AgentStream stream = AgentStream.open(server.connect(self)).send(AgentStream.hello());
        stream.snapshot(server, self);

        stream.send(AgentStream.hello());

        assertThat(stream.refusal().reason()).isEqualTo("HELLO_TWICE");
    }

    @Test
    void aFifthStreamOfOnePodIsRefusedUntilOneEnds() {
        Svid self = server.svid("shop", "many", "many-0");
        ManagedChannel channel = server.connect(self);
        List<AgentStream> streams = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            AgentStream stream = AgentStream.open(channel).send(AgentStream.hello());
            stream.snapshot(server, self);
            streams.add(stream);
        }

        Refusal refusal = AgentStream.open(channel).send(AgentStream.hello()).refusal();
        streams.getFirst().complete();

        assertThat(refusal.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.reason()).isEqualTo("STREAMS_PER_POD");
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(
                                        AgentStream.open(channel)
                                                .send(AgentStream.hello())
                                                .next()
                                                .hasSnapshot())
                                .isTrue());
    }

    @Test
    void theBundleIsForAnybody() {
        assertThat(
                        IssuanceServiceGrpc.newBlockingStub(server.connect())
                                .getTrustBundle(GetTrustBundleRequest.getDefaultInstance())
                                .getBundle()
                                .getPayload()
                                .isEmpty())
                .isFalse();
    }

    private static Refusal admin(ManagedChannel channel) {
        return RunningServer.refusal(
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                AdminServiceGrpc.newBlockingStub(channel)
                                        .getStatus(GetStatusRequest.getDefaultInstance())));
    }
}
