package dev.countersign.server.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.DenyTable;
import dev.countersign.feed.Snapshot;
import dev.countersign.server.testing.AgentStream;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.RunningServer;
import dev.countersign.server.testing.RunningServer.Refusal;
import dev.countersign.server.testing.Svid;
import dev.countersign.testing.MutableClock;
import dev.countersign.wire.v1.GetStatusRequest;
import dev.countersign.wire.v1.ListRevocationsRequest;
import dev.countersign.wire.v1.LogEntry;
import dev.countersign.wire.v1.RevocationSubject;
import dev.countersign.wire.v1.RevokeRequest;
import dev.countersign.wire.v1.RevokeResponse;
import dev.countersign.wire.v1.UnrevokeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole server: what an order does to issuing, to streams and to what agents are told. */
class RevocationE2ETest {
    private static final MutableClock CLOCK = MutableClock.create();

    @TempDir private static Path folder;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(folder, CLOCK);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aRevokedPodLosesTokenCertificateAndStreamAndAgentsLearnItsCertificates() {
        Svid victim = server.svid("shop", "cart", "cart-0");
        Svid other = server.svid("shop", "cart", "cart-1");
        AgentStream agent = subscribe(other);
        AgentStream own = subscribe(victim);
        Snapshot before = agent.snapshot(server, other);
        own.snapshot(server, victim);

        RevokeResponse answer =
                revoke(RevocationSubject.newBuilder().setPod("shop/cart-0"), "token stolen");

        Snapshot after = agent.delta(server, before);
        assertThat(new DenyTable(after.deny(), CLOCK).denies(victim.peer())).isPresent();
        assertThat(new DenyTable(after.deny(), CLOCK).denies(other.peer())).isEmpty();
        assertThat(after.deny()).noneMatch(entry -> entry.target() instanceof DenyEntry.Pod);
        assertThat(answer.getRevocation().getEntries()).isEqualTo(1);
        assertThat(own.refusal().reason()).isEqualTo("SUBSCRIBER_DENIED");
        assertThat(subscribe(victim).refusal().reason()).isEqualTo("SUBSCRIBER_DENIED");
        assertThat(issue(server.connect(), "cart-0").reason()).isEqualTo("POD_REVOKED");
        assertThat(issue(server.connect(victim), "cart-0").reason()).isEqualTo("POD_REVOKED");
        assertThat(server.svid("shop", "cart", "cart-2")).isNotNull();
        List<LogEntry> log = server.log("REVOCATION_ORDERED");
        assertThat(log.getFirst().getBody())
                .contains("token stolen")
                .contains("\"by\":\"admin-socket\"");
    }

    @Test
    void aRevokedIdentityGetsNothingUntilItIsTakenBack() {
        Svid svid = server.svid("bank", "teller", "teller-0");
        RevocationSubject.Builder subject =
                RevocationSubject.newBuilder().setIdentity("bank/teller");

        revoke(subject, "compromised image");

        Refusal refusal = issue(server.connect(), "bank", "teller", "teller-9");
        assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal.reason()).isEqualTo("IDENTITY_REVOKED");
        assertThat(refusal.message()).contains("it is taken back");
        assertThat(subscribe(svid).refusal().reason()).isEqualTo("SUBSCRIBER_DENIED");

        server.admin()
                .unrevoke(
                        UnrevokeRequest.newBuilder()
                                .setSubject(subject)
                                .setReason("rebuilt")
                                .build());

        assertThat(server.svid("bank", "teller", "teller-9")).isNotNull();
        assertThat(server.log("REVOCATION_TAKEN_BACK")).isNotEmpty();
    }

    @Test
    void aRevokedCertificateIsNotRenewedButItsPodGetsAnotherByToken() {
        Svid lost = server.svid("shop", "mail", "mail-0");

        revoke(RevocationSubject.newBuilder().setSerial(lost.peer().serial()), "key in a log");

        assertThat(issue(server.connect(lost), "shop", "mail", "mail-0").reason())
                .isEqualTo("CERTIFICATE_REVOKED");
        Svid fresh = server.svid("shop", "mail", "mail-0");
        assertThat(subscribe(fresh).snapshot(server, fresh).deny())
                .anyMatch(entry ->
                        entry.target()
                                .equals(
                                        new DenyEntry.Certificate(
                                                lost.peer().issuerKeyId(), lost.peer().serial())));
    }

    @Test
    void aRevokedIntermediateGivesWayBeforeAgentsHearOfIt() {
        Svid under = server.svid("shop", "search", "search-0");
        String issuer = under.peer().issuerKeyId();

        revoke(RevocationSubject.newBuilder().setIssuerKeyId(issuer), "memory dump");

        Svid fresh = server.svid("shop", "search", "search-1");
        assertThat(fresh.peer().issuerKeyId()).isNotEqualTo(issuer);
        assertThat(
                        server.admin()
                                .getStatus(GetStatusRequest.getDefaultInstance())
                                .getIntermediateKeyId())
                .isEqualTo(fresh.peer().issuerKeyId());
        // The server shows a certificate of the new one to whoever connects now.
        Snapshot snapshot = subscribe(fresh).snapshot(server, fresh);
        assertThat(new DenyTable(snapshot.deny(), CLOCK).denies(under.peer())).isPresent();
        assertThat(issue(server.connect(under), "shop", "search", "search-0").reason())
                .isEqualTo("ISSUER_REVOKED");
    }

    @ParameterizedTest
    @CsvSource({
        "serial, 1f2e, stolen, SERIAL_UNKNOWN, NOT_FOUND",
        "serial, 0x1F, stolen, SERIAL_MALFORMED, INVALID_ARGUMENT",
        "pod, shop/nobody-0, stolen, POD_UNKNOWN, NOT_FOUND",
        "pod, 'a b', stolen, POD_MALFORMED, INVALID_ARGUMENT",
        "issuer, beef, stolen, ISSUER_UNKNOWN, NOT_FOUND",
        "issuer, BEEF, stolen, ISSUER_MALFORMED, INVALID_ARGUMENT",
        "identity, shop/any, ' ', REASON_MISSING, INVALID_ARGUMENT",
        "identity, spiffe://mesh.example/countersign/ca-server, x, IDENTITY_RESERVED,"
                + " INVALID_ARGUMENT",
        "identity, shop, x, IDENTITY_MALFORMED, INVALID_ARGUMENT",
    })
    void whatCannotBeRevokedIsRefusedAndChangesNothing(
            String kind, String subject, String reason, String code, Status.Code status) {
        int before = revocations();

        Refusal refusal = refused(() -> revoke(subject(kind, subject), reason));

        assertThat(refusal.reason()).isEqualTo(code);
        assertThat(refusal.code()).isEqualTo(status);
        assertThat(revocations()).isEqualTo(before);
    }

    @Test
    void nothingIsTakenBackThatWasNotOrdered() {
        Refusal refusal =
                refused(() ->
                        server.admin()
                                .unrevoke(
                                        UnrevokeRequest.newBuilder()
                                                .setSubject(subject("identity", "shop/innocent"))
                                                .setReason("mistake")
                                                .build()));

        assertThat(refusal.reason()).isEqualTo("NOT_REVOKED");
        assertThat(refusal.code()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void aTimeIsForIdentitiesAndPodsAlone() {
        Svid svid = server.svid("shop", "feed", "feed-0");

        Refusal refusal =
                refused(() ->
                        server.admin()
                                .revoke(
                                        RevokeRequest.newBuilder()
                                                .setSubject(subject("serial", svid.peer().serial()))
                                                .setReason("stolen")
                                                .setForSeconds(60)
                                                .build()));

        assertThat(refusal.reason()).isEqualTo("DURATION_NOT_FOR_THIS");
    }

    private static RevocationSubject.Builder subject(String kind, String text) {
        RevocationSubject.Builder subject = RevocationSubject.newBuilder();
        return switch (kind) {
            case "serial" -> subject.setSerial(text);
            case "pod" -> subject.setPod(text);
            case "issuer" -> subject.setIssuerKeyId(text);
            default -> subject.setIdentity(text);
        };
    }

    private static int revocations() {
        return server.admin()
                .listRevocations(ListRevocationsRequest.getDefaultInstance())
                .getRevocationsCount();
    }

    private static RevokeResponse revoke(RevocationSubject.Builder subject, String reason) {
        return server.admin()
                .revoke(RevokeRequest.newBuilder().setSubject(subject).setReason(reason).build());
    }

    private static AgentStream subscribe(Svid svid) {
        return AgentStream.open(server.connect(svid)).send(AgentStream.hello());
    }

    private static Refusal issue(ManagedChannel channel, String pod) {
        return issue(channel, "shop", "cart", pod);
    }

    private static Refusal issue(
            ManagedChannel channel, String namespace, String account, String pod) {
        return refused(() ->
                RunningServer.issue(
                        channel, server.token(namespace, account, pod), Csrs.of(Csrs.p256())));
    }

    private static Refusal refused(Runnable call) {
        return RunningServer.refusal(catchThrowableOfType(StatusRuntimeException.class, call::run));
    }
}
